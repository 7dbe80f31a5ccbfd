"""Functions of one number and operators between two."""
import keras
import tensorflow as tf

GROUP = "ops"

K2 = {
    "floor_modulo": (["f32[?3,4]", "i32[?3,4] 1..3"], lambda x, i: [tf.math.floormod(x, 0.7), x // 0.7, (i - 2) % 3]),
}

K3 = {
    "floor_modulo": (["f32[?3,4]", "i32[?3,4]"],
                     lambda x, i: [keras.ops.mod(x, 0.7), x // 0.7, keras.ops.mod(i, 3), i // 3]),
}
