"""Operations on images."""
import keras
import numpy as np
import tensorflow as tf

GROUP = "ops_nn"
image, v1 = tf.image, tf.compat.v1.image
BOXES = np.array([[0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], [-0.3, 0.5, 0.6, 1.4], [0.9, 0.8, 0.2, 0.1]], "float32")
SIZES = [(3, 4), (13, 9), (7, 6)]

K2 = {
    "image_resize": (["f32[?2,7,6,2]"], lambda x: [
        image.resize(x, size, method) for size in SIZES
        for method in ("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")]),
    "image_resize_antialias": (["f32[?2,7,6,2]"], lambda x: [
        image.resize(x, size, method, antialias=True) for size in SIZES[:2]
        for method in ("bilinear", "bicubic", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")]),
    "image_resize_aspect": (["f32[?2,7,6,2]"], lambda x: [
        image.resize(x, [5, 3], preserve_aspect_ratio=True), image.resize(x, [9, 20], preserve_aspect_ratio=True),
        image.resize_with_pad(x, 4, 9), image.resize_with_pad(x, 10, 3, "nearest"), image.resize_with_pad(x, 15, 14, antialias=True),
        v1.resize_image_with_pad(x, 4, 9, align_corners=True), v1.resize_image_with_pad(x, 9, 4, method=2)]),
    "image_resize_v1": (["f32[?2,7,6,2]"], lambda x: [
        f(x, size, align_corners=aligned) for size in SIZES for aligned in (False, True)
        for f in (v1.resize_images, v1.resize_bilinear, v1.resize_nearest_neighbor, v1.resize_bicubic)] + [
        v1.resize_images(x, [3, 4], method) for method in (0, 1, 2, 3)] + [
        v1.resize_area(x, [3, 4]), v1.resize_bilinear(x, [3, 4], half_pixel_centers=True),
        v1.resize_bicubic(x, [9, 4], half_pixel_centers=True), v1.resize_nearest_neighbor(x, [9, 4], half_pixel_centers=True)]),
    "image_framing": (["f32[?2,7,6,2]"], lambda x: [
        image.crop_to_bounding_box(x, 1, 2, 3, 4), image.pad_to_bounding_box(x, 1, 2, 9, 8),
        image.resize_with_crop_or_pad(x, 4, 9), image.resize_with_crop_or_pad(x, 12, 3), image.central_crop(x, 0.5),
        image.central_crop(x, 0.31), image.flip_left_right(x), image.flip_up_down(x), image.rot90(x), image.rot90(x, 2),
        image.rot90(x, 3), image.rot90(x, -4), image.transpose(x)]),
    "image_colors": (["f32[?2,4,5,3] positive"], lambda x: [
        image.rgb_to_grayscale(x), image.grayscale_to_rgb(x[..., :1]), image.rgb_to_hsv(x), image.hsv_to_rgb(x / 2.1),
        image.rgb_to_yiq(x), image.yiq_to_rgb(x), image.rgb_to_yuv(x), image.yuv_to_rgb(x), image.adjust_hue(x, 0.3),
        image.adjust_hue(x, -0.7), image.adjust_saturation(x, 0.4), image.adjust_saturation(x, 3.0),
        image.adjust_brightness(x, 0.2), image.adjust_contrast(x, 1.7), image.adjust_gamma(x, 0.6, 1.2),
        image.per_image_standardization(x), *image.image_gradients(x), image.total_variation(x),
        image.psnr(x, 0.5 * x, 1.5)]),
    "crop_and_resize": (["f32[2,7,6,2]"], lambda x: [
        image.crop_and_resize(x, BOXES, np.array([0, 1, 1, 0]), [3, 4]),
        image.crop_and_resize(x, BOXES, np.array([0, 1, 1, 0]), [9, 1], "nearest", 0.5)]),
    "crop_and_resize_of_tensors": (["f32[2,7,6,2]", "f32[3,4] unit", "i32[3] 0..1"], lambda x, b, i: [
        image.crop_and_resize(x, b, i, [3, 4])]),
}

ops = getattr(keras, "ops", None)
TRANSFORM = np.array([[0.9, 0.2, 0.5, -0.1, 1.1, -0.4, 0.01, -0.02], [1.2, 0, -3, 0.1, 0.7, 2, 0, 0]], "float32")
START = np.array([[[0, 0], [5, 0], [0, 6], [5, 6]], [[1, 1], [4, 0], [0, 5], [5, 6]]], "float32")
END = np.array([[[1, 0], [4, 1], [0, 5], [5, 6]], [[0, 0], [5, 0], [0, 6], [6, 7]]], "float32")

K3 = {
    "image_resize": (["f32[?2,7,6,2]"], lambda x: [
        ops.image.resize(x, size, method) for size in SIZES
        for method in ("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5")] + [
        ops.image.resize(x, (3, 4), "bilinear", True), ops.image.resize(x, (4, 2), data_format="channels_first")]),
    "image_framing": (["f32[?2,7,6,2]"], lambda x: [
        ops.image.crop_images(x, 1, 2, 3, 1), ops.image.crop_images(x, 1, 2, target_height=3, target_width=2),
        ops.image.crop_images(x, bottom_cropping=1, right_cropping=2, target_height=3, target_width=2),
        ops.image.crop_images(x, 1, 0, 3, 1, data_format="channels_first"),
        ops.image.pad_images(x, 1, 2, 3, 1), ops.image.pad_images(x, 1, 2, target_height=9, target_width=9),
        ops.image.pad_images(x, bottom_padding=1, right_padding=2, target_height=9, target_width=12)]),
    "image_colors": (["f32[?2,4,5,3] positive"], lambda x: [
        ops.image.rgb_to_grayscale(x), ops.image.rgb_to_hsv(x), ops.image.hsv_to_rgb(x / 2.1),
        ops.image.rgb_to_grayscale(ops.transpose(x, (0, 3, 1, 2)), "channels_first"),
        ops.image.rgb_to_hsv(ops.transpose(x, (0, 3, 1, 2)), "channels_first")]),
    "gaussian_blur": (["f32[?2,7,6,2]"], lambda x: [
        ops.image.gaussian_blur(x), ops.image.gaussian_blur(x, (5, 3), (0.7, 1.6)),
        ops.image.gaussian_blur(x, (2, 4), (2.0, 0.5), "channels_first")]),
    "affine_transform": (["f32[2,7,6,2]"], lambda x: [
        ops.image.affine_transform(x, TRANSFORM, method, mode, 0.5)
        for method in ("nearest", "bilinear") for mode in ("constant", "nearest", "wrap", "reflect")] + [
        ops.image.affine_transform(x, TRANSFORM[0], data_format="channels_first")]),
    "affine_transform_of_tensors": (["f32[?2,7,6,2]", "f32[?2,8] unit"], lambda x, t: [
        ops.image.affine_transform(x, t, fill_mode="reflect")]),
    "perspective_transform": (["f32[2,7,6,2]"], lambda x: [
        ops.image.perspective_transform(x, START, END), ops.image.perspective_transform(x, START[0], END[0], "nearest", 0.5)],
        (1e-3, 1e-3)),
    "map_coordinates": (["f32[4,5]", "f32[2,3,6]"], lambda x, c: [
        ops.image.map_coordinates(x, 2 * c, order, mode, 0.5) for order in (0, 1)
        for mode in ("constant", "nearest", "wrap", "reflect")]),
    "scale_and_translate": (["f32[2,7,6,2]"], lambda x: [
        ops.image.scale_and_translate(x, (2, 5, 9, 2), np.array([0.6, 1.4], "float32"), np.array([0.4, -1.2], "float32"),
                                      (1, 2), method, antialias)
        for method in ("linear", "cubic", "lanczos3", "lanczos5") for antialias in (True, False)]),
    "extract_patches": (["f32[?3,7,6,2]"], lambda x: [
        ops.image.extract_patches(x, 2), ops.image.extract_patches(x, (3, 2), padding="same")]),
}

K315 = {
    "extract_patches": (["f32[?3,7,6,2]"], lambda x: [
        ops.image.extract_patches(x, (3, 2), (1, 2), 1, "same"), ops.image.extract_patches(x, (2, 3), 1, 2)]),
    "sobel_edges": (["f32[?2,7,6,2]"], lambda x: [ops.image.sobel_edges(x), ops.image.sobel_edges(x, "channels_first")]),
    "extract_volume_patches": (["f32[?2,5,4,6,2]"], lambda x: [
        ops.image.extract_patches(x, (2, 3, 1)), ops.image.extract_patches(x, (2, 1, 3), (1, 2, 2), 1, "same")]),
    "gray_to_gray": (["f32[?2,4,5,1]"], lambda x: [ops.image.rgb_to_grayscale(x)]),
}
