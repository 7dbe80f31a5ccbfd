/* The interface of plug-ins: libraries that bring the classes and activations only a model's author has. Plain C;
 * authors of C++ include plugin.hpp, which says the same in C++.
 *
 * A plug-in exports `layerctl_plugin_entry`, which returns a table that lives as long as the library is loaded. Rules
 * of the border: whoever allocates frees; pointers handed to a function are good until it returns; no exception leaves
 * a callback; but for `create` and `destroy`, callbacks may run on several threads at once with one object and change
 * nothing in it.
 *
 * Growth: structs with a `size` may get members at their end; whoever fills one sets `size` to its sizeof. Members a
 * layerctl does not know must be zero, or it refuses the plug-in; members beyond the `size` that it hands over are not
 * there. Everything else is fixed: another meaning is another LAYERCTL_PLUGIN_ABI. */
#ifndef LAYERCTL_PLUGIN_H
#define LAYERCTL_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LAYERCTL_PLUGIN_ABI 1

/* What callbacks return. Anything but LAYERCTL_OK is an error; its text goes into the layerctl_error. */
enum {
    LAYERCTL_OK = 0,
    LAYERCTL_BAD_CONFIG = 1,  /* a config value is wrong */
    LAYERCTL_BAD_SHAPE = 2,   /* shapes do not fit together */
    LAYERCTL_BAD_INPUT = 3,   /* the data of a call does not fit */
    LAYERCTL_UNSUPPORTED = 4, /* right, but not made for it */
    LAYERCTL_FAILED = 5       /* everything else */
};

/* Element types. Half precisions occur in specs only: in calls they are float32, and results are rounded afterwards. */
enum {
    LAYERCTL_SAME = 0, /* of an output: that of the first input; of a weight: that of the layer */
    LAYERCTL_FLOAT16 = 1,
    LAYERCTL_BFLOAT16 = 2,
    LAYERCTL_FLOAT32 = 3,
    LAYERCTL_FLOAT64 = 4,
    LAYERCTL_INT8 = 5,
    LAYERCTL_INT16 = 6,
    LAYERCTL_INT32 = 7,
    LAYERCTL_INT64 = 8,
    LAYERCTL_UINT8 = 9,
    LAYERCTL_UINT16 = 10,
    LAYERCTL_UINT32 = 11,
    LAYERCTL_UINT64 = 12,
    LAYERCTL_BOOL = 13 /* one byte, 0 or 1 */
};

enum { LAYERCTL_LAYER = 0, LAYERCTL_CELL = 1 };             /* layerctl_class.kind */
enum { LAYERCTL_MASK_STOPS = 0, LAYERCTL_MASK_PASSES = 1 }; /* layerctl_class.mask: Keras' supports_masking */

/* Where a callback writes why it failed: at most `capacity` bytes with the closing zero, UTF-8. */
typedef struct layerctl_error {
    size_t size;
    size_t capacity;
    char* text;
} layerctl_error;

/* Dtype and shape of a tensor, batch first; -1 is a dimension that is not known yet. */
typedef struct layerctl_spec {
    int32_t dtype;
    uint32_t rank;
    const int64_t* dims;
} layerctl_spec;

/* A tensor of a call, row-major, aligned to its elements; where there is none, `dims` and `data` are NULL. */
typedef struct layerctl_tensor {
    int32_t dtype;
    uint32_t rank;
    const int64_t* dims;
    void* data; /* only that of outputs may be written */
} layerctl_tensor;

/* The config of one layer: the keys its class lists, with its defaults where the model file has none. Functions return
 * a code as callbacks do; a value of another kind than asked for is LAYERCTL_BAD_CONFIG with a text that names the key.
 * What they give lives until `create` returns. */
typedef struct layerctl_config layerctl_config;
struct layerctl_config {
    size_t size;
    void* host;             /* layerctl's own */
    const char* json;       /* all of it, an object */
    const char* layer_name; /* as the model file has it */
    int32_t keras;          /* the major version that wrote the file: 1, 2 or 3 */
    int32_t compute_dtype;  /* of the layer's dtype policy: what floating inputs arrive in */
    int32_t variable_dtype;
    int (*is_null)(const layerctl_config* config, const char* key, int* value, layerctl_error* error);
    int (*boolean)(const layerctl_config* config, const char* key, int* value, layerctl_error* error);
    int (*integer)(const layerctl_config* config, const char* key, int64_t* value, layerctl_error* error);
    int (*number)(const layerctl_config* config, const char* key, double* value, layerctl_error* error);
    int (*text)(const layerctl_config* config, const char* key, const char** value, layerctl_error* error);
    int (*integers)(const layerctl_config* config, const char* key, const int64_t** values, size_t* count,
                    layerctl_error* error);
    int (*numbers)(const layerctl_config* config, const char* key, const double** values, size_t* count,
                   layerctl_error* error);
};

/* Takes the outputs or states that a callback announces, one `add` each; everything is copied. */
typedef struct layerctl_specs layerctl_specs;
struct layerctl_specs {
    size_t size;
    void* host;
    void (*add)(const layerctl_specs* to, int32_t dtype, uint32_t rank, const int64_t* dims);
};

typedef struct layerctl_weight {
    size_t size;
    const char* name; /* as in add_weight; objects inside the layer are named "object/kernel" */
    int32_t dtype;
    uint32_t rank;
    const int64_t* dims;
    int32_t trainable;
    const char* initializer; /* "he_normal", or a serialized initializer as JSON; NULL: glorot_uniform */
} layerctl_weight;

/* Takes the weights that a callback declares. */
typedef struct layerctl_weights layerctl_weights;
struct layerctl_weights {
    size_t size;
    void* host;
    void (*add)(const layerctl_weights* to, const layerctl_weight* weight);
};

/* A cell finds its states among the inputs, behind the input of the step, and writes the new ones behind its output. */
typedef struct layerctl_call {
    size_t size;
    const layerctl_tensor* inputs;
    const layerctl_tensor* masks; /* bool, one per input; no tensor where there is no mask */
    size_t input_count;
    const layerctl_tensor* weights; /* the layer's own, trainable ones first, then those of its objects; find by name */
    const char* const* weight_names;
    size_t weight_count;
    layerctl_tensor* outputs; /* of the announced dtypes and shapes; every element must be written */
    size_t output_count;
} layerctl_call;

/* A layer or cell. JSON texts are as in a custom-objects file; NULL where there is nothing to say. */
typedef struct layerctl_class {
    size_t size;
    const char* name; /* "package>Name" as registered, or the class name */
    int32_t kind;
    int32_t mask;
    const char* inputs; /* an array: names of the tensor arguments of `call`; NULL: one, "x"; none in cells */
    const char* config; /* an object: keys and their defaults; null: must be in the model file */
    const char* ignore; /* an array: further keys of the model file that cannot change a result */

    /* A new layer, which `destroy` ends; nothing to destroy after an error. Other keys in the model file are refused
     * before it is used. */
    int (*create)(const layerctl_config* config, void** object, layerctl_error* error);
    void (*destroy)(void* object);

    /* Outputs for inputs of these dtypes and shapes; dimensions of outputs must be known where those of the inputs are.
     * A cell gets the input of one step and its states, and announces its one output. */
    int (*outputs)(const void* object, const layerctl_spec* inputs, size_t count, const layerctl_specs* to,
                   layerctl_error* error);

    /* Weights for the same inputs, in the order of their creation. NULL: none. */
    int (*weights)(const void* object, const layerctl_spec* inputs, size_t count, const layerctl_weights* to,
                   layerctl_error* error);

    /* Cells only: shapes of the states for the input of one step, without the batch. */
    int (*states)(const void* object, const layerctl_spec* input, const layerctl_specs* to, layerctl_error* error);

    int (*call)(const void* object, const layerctl_call* call, layerctl_error* error);
} layerctl_class;

/* An activation, or a function that a Lambda names: y = f(x), of the same dtype and shape. */
typedef struct layerctl_activation {
    size_t size;
    const char* name;
    int (*call)(const layerctl_tensor* x, layerctl_tensor* y, layerctl_error* error);
} layerctl_activation;

typedef struct layerctl_plugin {
    uint32_t abi; /* LAYERCTL_PLUGIN_ABI; read before anything else */
    size_t size;
    const layerctl_class* const* classes;
    size_t class_count;
    const layerctl_activation* const* activations;
    size_t activation_count;
} layerctl_plugin;

/* The one symbol a plug-in exports. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const layerctl_plugin*
layerctl_plugin_entry(void);

#ifdef __cplusplus
}
#endif

#endif
