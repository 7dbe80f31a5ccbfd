// Which Keras has which layer class.
#include <algorithm>

#include "models/dialects/parts.hpp"

namespace layerctl::dialects {
namespace {

constexpr std::string_view of_both =
    "Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention Average AveragePooling1D "
    "AveragePooling2D AveragePooling3D BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate Conv1D "
    "Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping1D "
    "Cropping2D "
    "Cropping3D Dense DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Flatten GRU "
    "GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D "
    "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization HashedCrossing Hashing Identity "
    "InputLayer IntegerLookup LSTM LSTMCell LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D "
    "MaxPooling3D "
    "Maximum Minimum MultiHeadAttention Multiply Normalization PReLU Permute RNN RandomBrightness RandomContrast "
    "RandomCrop RandomFlip RandomRotation RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing "
    "SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell Softmax SpatialDropout1D SpatialDropout2D "
    "SpatialDropout3D "
    "SpectralNormalization StackedRNNCells StringLookup Subtract TextVectorization TimeDistributed UnitNormalization "
    "UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D";

/// Of both, too.
constexpr std::string_view of_convnext = "LayerScale StochasticDepth";

constexpr std::string_view of_keras2 =
    "AbstractRNNCell ClassMethod CuDNNGRU CuDNNLSTM DenseFeatures InstanceMethod InstanceProperty LocallyConnected1D "
    "LocallyConnected2D RandomHeight RandomWidth SequenceFeatures SlicingOpLambda SyncBatchNormalization TFOpLambda "
    "TensorFlowOpLayer ThresholdedReLU";

constexpr std::string_view of_keras3 =
    "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
    "AdaptiveMaxPooling2D AdaptiveMaxPooling3D AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix "
    "Equalization FlaxLayer GroupQueryAttention "
    "GroupedQueryAttention JaxLayer MaxNumBoundingBoxes MelSpectrogram MixUp Pipeline RMSNormalization RandAugment "
    "RandomColorDegeneration RandomColorJitter RandomElasticTransform RandomErasing RandomGaussianBlur RandomGrayscale "
    "RandomHue RandomInvert RandomPerspective RandomPosterization RandomSaturation RandomSharpness RandomShear "
    "ReversibleEmbedding STFTSpectrogram Solarization TFSMLayer TorchModuleWrapper";

}  // namespace

bool is_one_of(std::string_view name, std::string_view list) {
    if (list.empty()) return true;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(' '), list.size());
        if (list.substr(0, end) == name) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

std::string_view layer_module(std::string_view class_name) {
    return is_one_of(class_name, of_convnext) ? "keras.src.applications.convnext" : "keras.layers";
}

ClassOrigin require_class(const std::string& class_name, const Task& task) {
    if (class_name == "Lambda")
        fail(Code::unsupported, "the Python code of a Lambda may mean something else in ", task.keras());
    if (is_one_of(class_name, of_both) || is_one_of(class_name, of_convnext)) return ClassOrigin::keras;
    if (is_one_of(class_name, task.to_keras3() ? of_keras2 : of_keras3))
        fail(Code::unsupported, task.keras(), " has no such layer");
    return ClassOrigin::custom;
}

}  // namespace layerctl::dialects
