"""Activations, convolutions, pooling, normalization and attention as functions."""
import keras
import numpy as np
import tensorflow as tf

GROUP = "ops_nn"
nn, image = tf.nn, tf.image


def numbers(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype("float32").round(3)


K2 = {
    "activations": (["f32[?3,2,6]"], lambda x: [
        nn.relu(x), nn.relu6(4 * x), nn.leaky_relu(x), nn.leaky_relu(x, 0.3), nn.elu(x), nn.selu(x), nn.gelu(x),
        nn.gelu(x, True), nn.silu(x), nn.silu(x, 0.7), nn.swish(x), nn.softplus(x), nn.softsign(x), nn.sigmoid(x),
        nn.tanh(x), tf.math.log_sigmoid(x), nn.crelu(x), nn.crelu(x, 1)]),
    "softmax_family": (["f32[?3,2,6]"], lambda x: [
        nn.softmax(x), nn.softmax(x, 1), nn.log_softmax(x, 1), tf.compat.v1.nn.softmax(x, dim=1),
        tf.compat.v1.nn.log_softmax(x), nn.l2_normalize(x, [1, 2]), nn.l2_normalize(x, -1, 2.0)]),
    "conv1d": (["f32[?3,8,4]"], lambda x: [
        nn.conv1d(x, numbers(3, 4, 5), 1, "SAME"), nn.conv1d(x, numbers(3, 4, 5), 2, "VALID"),
        nn.conv1d(x, numbers(2, 4, 5), 1, "SAME", dilations=2), nn.conv1d(x, numbers(3, 2, 6), 1, "VALID")]),
    "conv2d": (["f32[?3,7,6,4]"], lambda x: [
        nn.conv2d(x, numbers(3, 2, 4, 5), 1, "SAME"), nn.conv2d(x, numbers(3, 2, 4, 5), [1, 2, 3, 1], "SAME"),
        nn.conv2d(x, numbers(3, 3, 4, 2), [2, 1], [[0, 0], [1, 2], [3, 0], [0, 0]]),
        nn.conv2d(x, numbers(3, 2, 4, 5), 1, "VALID", dilations=[1, 2, 1, 1]),
        nn.conv2d(x, numbers(3, 2, 2, 6), 1, "SAME"), nn.convolution(x, numbers(3, 3, 4, 2), padding="SAME"),
        nn.convolution(x, numbers(2, 2, 4, 2), strides=[2, 2]), nn.convolution(x, numbers(2, 2, 4, 2), dilations=2),
        nn.atrous_conv2d(x, numbers(2, 2, 4, 3), 2, "SAME")]),
    "conv2d_of_tensors": (["f32[?3,7,6,2]", "f32[3,2,2,3]"], lambda x, k: [nn.conv2d(x, k, 1, "SAME")]),
    "conv3d": (["f32[?2,5,4,6,2]"], lambda x: [
        nn.conv3d(x, numbers(2, 3, 2, 2, 3), [1, 1, 2, 1, 1], "SAME"),
        nn.conv3d(x, numbers(2, 3, 2, 2, 3), [1, 1, 1, 1, 1], "VALID")]),
    "depthwise_conv2d": (["f32[?3,7,6,3]"], lambda x: [
        nn.depthwise_conv2d(x, numbers(3, 2, 3, 2), [1, 1, 1, 1], "SAME"),
        nn.depthwise_conv2d(x, numbers(3, 2, 3, 1), [1, 2, 2, 1], "VALID"),
        nn.depthwise_conv2d(x, numbers(3, 2, 3, 1), [1, 1, 1, 1], "SAME", dilations=[2, 2]),
        nn.depthwise_conv2d(x, numbers(3, 2, 3, 1), [1, 1, 1, 1], [[0, 0], [1, 1], [0, 2], [0, 0]]),
        nn.separable_conv2d(x, numbers(3, 2, 3, 2), numbers(1, 1, 6, 4), [1, 2, 2, 1], "SAME"),
        nn.separable_conv2d(x, numbers(3, 2, 3, 1), numbers(1, 1, 3, 4), [1, 1, 1, 1], "VALID", dilations=[2, 1])]),
    "conv_transpose": (["f32[3,5,3,4]", "f32[2,5,4]", "f32[2,3,2,4,2]"], lambda x, s, v: [
        nn.conv2d_transpose(x, numbers(3, 2, 2, 4), [tf.shape(x)[0], 10, 9, 2], [2, 3]),
        nn.conv2d_transpose(x, numbers(3, 2, 2, 4), [3, 11, 6, 2], [1, 2, 2, 1], "VALID"),
        nn.conv2d_transpose(x, numbers(3, 3, 2, 4), [3, 9, 6, 2], 2, "SAME"),
        nn.conv_transpose(x, numbers(1, 1, 2, 4), [3, 10, 6, 2], 2),
        nn.conv1d_transpose(s, numbers(3, 2, 4), [2, 10, 2], 2), nn.conv1d_transpose(s, numbers(3, 2, 4), [2, 7, 2], 1, "VALID"),
        nn.conv3d_transpose(v, numbers(2, 3, 2, 3, 2), [2, 6, 4, 8, 3], 2)]),
    "pooling": (["f32[?3,7,6,2]", "f32[?3,7,2]", "f32[?3,5,4,6,2]"], lambda x, s, v: [
        nn.max_pool(x, 2, 2, "SAME"), nn.max_pool2d(x, [3, 2], [1, 2], "VALID"), nn.max_pool1d(s, 3, 2, "SAME"),
        nn.max_pool3d(v, 2, 2, "SAME"), nn.avg_pool(x, [1, 3, 2, 1], [1, 2, 1, 1], "SAME"), nn.avg_pool2d(x, 2, 1, "VALID"),
        nn.avg_pool1d(s, 2, 2, "VALID"), nn.avg_pool3d(v, [2, 1, 3], 1, "SAME"), nn.pool(x, [2, 3], "AVG"),
        nn.pool(x, [2, 2], "MAX", strides=[2, 1], padding="SAME")]),
    "normalization": (["f32[?3,4,3,5]"], lambda x: [
        nn.batch_normalization(x, numbers(5), numbers(5) ** 2, numbers(5, seed=1), numbers(5, seed=2), 1e-3),
        *tf.compat.v1.nn.fused_batch_norm(x, numbers(5), numbers(5, seed=1), numbers(5, seed=2), numbers(5) ** 2, 1e-7,
                                          is_training=False)[:1],
        nn.local_response_normalization(x), nn.lrn(x, 1, 2.0, 0.3, 0.7), *nn.moments(x, [1, 2]),
        *nn.moments(x, [-1], keepdims=True), nn.bias_add(x, numbers(5))]),
    "losses": (["f32[?3,4]", "f32[?3,4] positive", "i32[?3] 0..3"], lambda x, y, i: [
        nn.sigmoid_cross_entropy_with_logits(y, x), nn.softmax_cross_entropy_with_logits(y, x),
        nn.softmax_cross_entropy_with_logits(y, x, axis=0), nn.sparse_softmax_cross_entropy_with_logits(i, x),
        nn.weighted_cross_entropy_with_logits(y, x, 2.0), nn.l2_loss(x), nn.log_poisson_loss(y, x),
        nn.log_poisson_loss(y, x, True)]),
    "blocks": (["f32[?3,4,6,8]", "f32[?4,4,6,2]"], lambda x, y: [
        nn.depth_to_space(x, 2), nn.space_to_depth(x, 2), tf.space_to_batch(x, [2, 3], [[0, 2], [1, 2]]),
        tf.space_to_batch(x, [2], [[1, 1]]), tf.batch_to_space(y, [2, 2], [[1, 0], [0, 2]]),
        tf.batch_to_space(y, [2], [[0, 1]])]),
    "patches": (["f32[?3,7,6,2]", "f32[?2,5,4,6,2]"], lambda x, v: [
        image.extract_patches(x, [1, 3, 2, 1], [1, 2, 1, 1], [1, 1, 1, 1], "VALID"),
        image.extract_patches(x, [1, 3, 2, 1], [1, 2, 2, 1], [1, 2, 2, 1], "SAME"),
        tf.extract_volume_patches(v, [1, 2, 1, 3, 1], [1, 2, 1, 1, 1], "SAME"),
        tf.extract_volume_patches(v, [1, 2, 1, 3, 1], [1, 1, 1, 2, 1], "VALID")]),
    "slices_up_to_tensors": (["f32[?3,7,6]", "i32[3,2] 1..5"], lambda x, i: [
        x[:, :i[0, 1]], x[:, i[0, 0]:, 1], x[:, i[1, 0]::2], x[..., i[2, 1]], x[:, :tf.shape(i)[1]]]),
}

ops = getattr(keras, "ops", None)


def attention(q, k, v, **options):
    return ops.dot_product_attention(q, k, v, **options)


MASK = np.random.default_rng(0).integers(0, 2, (3, 1, 4, 5)).astype(bool) | (np.arange(5) == 0)

K3 = {
    "activations": (["f32[?3,2,6]"], lambda x: [
        ops.relu(x), ops.relu6(4 * x), ops.leaky_relu(x), ops.leaky_relu(x, 0.3), ops.elu(x), ops.elu(x, 0.6), ops.selu(x),
        ops.gelu(x), ops.gelu(x, False), ops.silu(x), ops.softplus(x), ops.softsign(x), ops.sigmoid(x), ops.tanh(x),
        ops.log_sigmoid(x), ops.hard_sigmoid(3 * x), ops.hard_silu(3 * x), ops.hard_tanh(x), ops.celu(x), ops.celu(x, 0.4),
        ops.glu(x), ops.glu(x, 1), ops.tanh_shrink(x), ops.soft_shrink(x), ops.soft_shrink(x, 0.2), ops.hard_shrink(x),
        ops.hard_shrink(x, 0.9), ops.threshold(x, 0.1, -7.0), ops.squareplus(x), ops.squareplus(x, 1.5),
        ops.sparse_plus(x), ops.sparse_sigmoid(x)]),
    "activation_functions": (["f32[?3,2,6]"], lambda x: [
        keras.activations.relu(x, 0.1, 1.0, 0.2), keras.activations.exponential(x), keras.activations.gelu(x),
        keras.activations.leaky_relu(x, 0.3), keras.activations.softmax(x, 1)]),
    "softmax_family": (["f32[?3,2,6]"], lambda x: [
        ops.softmax(x), ops.softmax(x, 1), ops.log_softmax(x), ops.log_softmax(x, 1),
        ops.sparsemax(x), ops.normalize(x), ops.normalize(x, 1, 1), ops.normalize(x, -1, 3)]),
    "conv1d": (["f32[?3,8,4]"], lambda x: [
        ops.conv(x, numbers(3, 4, 5), 1, "same"), ops.conv(x, numbers(3, 4, 5), 2, "valid"),
        ops.conv(x, numbers(2, 4, 5), 1, "same", dilation_rate=2), ops.conv(x, numbers(3, 2, 6)),
        ops.depthwise_conv(x, numbers(3, 4, 2), 2, "same"), ops.separable_conv(x, numbers(3, 4, 2), numbers(1, 8, 3))]),
    "conv2d": (["f32[?3,7,6,4]"], lambda x: [
        ops.conv(x, numbers(3, 2, 4, 5), padding="same"), ops.conv(x, numbers(3, 2, 4, 5), (2, 3), "same"),
        ops.conv(x, numbers(3, 2, 4, 5), dilation_rate=(2, 1)), ops.conv(x, numbers(3, 2, 2, 6)),
        ops.depthwise_conv(x, numbers(3, 2, 4, 2), padding="same"), ops.depthwise_conv(x, numbers(3, 2, 4, 1), 2),
        ops.depthwise_conv(x, numbers(3, 2, 4, 1), dilation_rate=2),
        ops.separable_conv(x, numbers(3, 2, 4, 2), numbers(1, 1, 8, 3), 2, "same")]),
    "conv2d_of_tensors": (["f32[?3,7,6,2]", "f32[3,2,2,3]"], lambda x, k: [ops.conv(x, k, padding="same")]),
    "conv3d": (["f32[?2,5,4,6,2]"], lambda x: [
        ops.conv(x, numbers(2, 3, 2, 2, 3), (1, 2, 1), "same"), ops.conv(x, numbers(2, 3, 2, 2, 3), dilation_rate=(2, 1, 1))]),
    "channels_first": (["f32[?3,2,7,6]"], lambda x: [
        ops.max_pool(x, 2, data_format="channels_first"), ops.average_pool(x, 3, 1, "same", "channels_first"),
        ops.unfold(x, 3), ops.unfold(x, (3, 2), 2, (1, 2), (2, 1))]),
    "pooling": (["f32[?3,7,6,2]", "f32[?3,7,2]", "f32[?3,5,4,6,2]"], lambda x, s, v: [
        ops.max_pool(x, 2), ops.max_pool(x, (3, 2), (1, 2), "same"), ops.max_pool(s, 3, 2, "same"), ops.max_pool(v, 2),
        ops.average_pool(x, (3, 2), 2, "same"), ops.average_pool(s, 2), ops.average_pool(v, (2, 1, 3), 1, "same")]),
    "normalization": (["f32[?3,4,3,5]"], lambda x: [
        ops.batch_normalization(x, numbers(5), numbers(5) ** 2, -1, numbers(5, seed=1), numbers(5, seed=2)),
        ops.batch_normalization(x, numbers(3), numbers(3) ** 2, 2, None, numbers(3, seed=2), 0.1),
        ops.batch_normalization(x, numbers(4), numbers(4) ** 2, axis=1),
        ops.layer_normalization(x), ops.layer_normalization(x, numbers(5), numbers(5, seed=1)),
        ops.layer_normalization(x, numbers(4), numbers(4, seed=1), axis=1, epsilon=0.01),
        ops.layer_normalization(x, numbers(3, 5), numbers(3, 5, seed=1), axis=(2, 3)),
        ops.layer_normalization(x, numbers(5), rms_scaling=True),
        ops.rms_normalization(x), ops.rms_normalization(x, numbers(5), epsilon=0.1), ops.rms_normalization(x, axis=(1, 2)),
        *ops.moments(x, [1, 2]), *ops.moments(x, -1, keepdims=True)]),
    "attention": (["f32[?3,4,2,6]", "f32[?3,5,2,6]", "f32[?3,5,2,6]"], lambda q, k, v: [
        attention(q, k, v), attention(q, k, v, scale=0.5), attention(q, k, v, is_causal=True),
        attention(q, k, v, mask=MASK), attention(q, k, v, bias=numbers(1, 2, 4, 5)),
        attention(q, k, v, bias=numbers(3, 1, 4, 5), mask=MASK, is_causal=True)]),
    "ctc_decode": (["f32[?4,9,5]", "i32[?4] 3..9"], lambda x, n: [
        *ops.ctc_decode(x, n), *ops.ctc_decode(x, n, merge_repeated=False, mask_index=2)]),
    "psnr": (["f32[2,4,5,3]", "f32[2,4,5,3]"], lambda x, y: [ops.psnr(x, y, 1.5)]),
}

K315 = {
    "attention_with_shared_heads": (["f32[?3,4,6,8]", "f32[?3,5,2,8]", "f32[?3,5,2,8]", "bool[?3,1,4,5]"],
                                    lambda q, k, v, m: [attention(q, k, v), attention(q, k, v, mask=m)]),
    "adaptive_pooling": (["f32[?3,7,6,2]", "f32[?3,7,2]", "f32[?3,5,4,6,2]"], lambda x, s, v: [
        ops.adaptive_average_pool(x, (3, 4), "channels_last"), ops.adaptive_max_pool(x, (3, 2), "channels_last"),
        ops.adaptive_average_pool(s, (3,), "channels_last"), ops.adaptive_max_pool(v, (2, 3, 4), "channels_last")]),
    "blocks": (["f32[?3,4,6,8]", "f32[?3,8,4,6]"], lambda x, y: [
        ops.depth_to_space(x, 2), ops.space_to_depth(x, 2), ops.depth_to_space(y, 2, "channels_first"),
        ops.space_to_depth(y, 2, "channels_first")]),
    "fold": (["f32[?2,12,20]"], lambda x: [ops.fold(x, (5, 6), (2, 2)), ops.fold(ops.unfold(
        ops.fold(x, (5, 6), 2), (3, 2), 1, (1, 0), (2, 1)), (5, 6), (3, 2), 1, (1, 0), (2, 1))]),
}
