// HDF5 datatypes that stand for a DType.
#include "formats/h5/element_type.hpp"

#include <array>
#include <optional>

namespace layerctl::formats::h5 {
namespace {

struct FloatLayout {
    DType dtype;
    std::size_t size, exponent_position, exponent_bits, mantissa_bits;
};

constexpr std::array<FloatLayout, 4> float_layouts = {{
    {DType::float16, 2, 10, 5, 10},
    {DType::bfloat16, 2, 7, 8, 7},
    {DType::float32, 4, 23, 8, 23},
    {DType::float64, 8, 52, 11, 52},
}};

std::optional<DType> float_dtype(const H5::FloatType& type) {
    std::size_t sign = 0, exponent = 0, exponent_bits = 0, mantissa = 0, mantissa_bits = 0;
    type.getFields(sign, exponent, exponent_bits, mantissa, mantissa_bits);
    for (const FloatLayout& layout : float_layouts)
        if (layout.size == type.getSize() && layout.exponent_position == exponent &&
            layout.exponent_bits == exponent_bits && mantissa == 0 && layout.mantissa_bits == mantissa_bits)
            return layout.dtype;
    return std::nullopt;
}

std::optional<DType> integer_dtype(const H5::IntType& type) {
    const bool is_signed = type.getSign() != H5T_SGN_NONE;
    switch (type.getSize()) {
        case 1: return is_signed ? DType::int8 : DType::uint8;
        case 2: return is_signed ? DType::int16 : DType::uint16;
        case 4: return is_signed ? DType::int32 : DType::uint32;
        case 8: return is_signed ? DType::int64 : DType::uint64;
        default: return std::nullopt;
    }
}

}  // namespace

std::string_view type_class_name(H5T_class_t type) {
    switch (type) {
        case H5T_INTEGER: return "integers of an odd size";
        case H5T_FLOAT: return "floats of an odd format";
        case H5T_STRING: return "strings";
        case H5T_COMPOUND: return "a compound type (records or complex numbers)";
        case H5T_ENUM: return "an enumeration (booleans)";
        case H5T_VLEN: return "lists of variable length";
        case H5T_ARRAY: return "arrays in an array";
        case H5T_REFERENCE: return "references";
        case H5T_OPAQUE: return "opaque bytes";
        case H5T_BITFIELD: return "bit fields";
        case H5T_TIME: return "times";
        default: return "an unknown type";
    }
}

namespace {

std::optional<DType> dtype_of_dataset(const H5::DataSet& dataset) {
    switch (dataset.getTypeClass()) {
        case H5T_FLOAT: return float_dtype(dataset.getFloatType());
        case H5T_INTEGER: return integer_dtype(dataset.getIntType());
        case H5T_OPAQUE: return dataset.getDataType().getSize() == 2 ? std::optional(DType::bfloat16) : std::nullopt;
        default: return std::nullopt;
    }
}

/// The little-endian two-byte float of a layout; HDF5 1.10 has none ready.
H5::FloatType half_type(const FloatLayout& layout) {
    H5::FloatType type(H5::PredType::IEEE_F32LE);
    type.setFields(15, layout.exponent_position, layout.exponent_bits, 0, layout.mantissa_bits);
    type.setSize(layout.size);
    type.setEbias((std::size_t{1} << (layout.exponent_bits - 1)) - 1);
    return type;
}

}  // namespace

DType element_dtype(const H5::DataSet& dataset) {
    const auto dtype = checked("damaged datatype", [&] { return dtype_of_dataset(dataset); });
    if (!dtype) fail(Code::unsupported, "wanted an array of numbers, found ", type_class_name(dataset.getTypeClass()));
    return *dtype;
}

bool is_self_contained(const H5::DataType& type) {
    switch (type.getClass()) {
        case H5T_INTEGER:
        case H5T_FLOAT:
        case H5T_ENUM:
        case H5T_OPAQUE:
        case H5T_BITFIELD: return true;
        case H5T_STRING: return H5Tis_variable_str(type.getId()) == 0;
        default: return false;
    }
}

H5::DataType memory_type(const H5::DataSet& dataset, DType dtype) {
    if (dataset.getTypeClass() == H5T_OPAQUE) return dataset.getDataType();
    switch (dtype) {
        case DType::float16: return half_type(float_layouts[0]);
        case DType::bfloat16: return half_type(float_layouts[1]);
        case DType::float32: return H5::PredType::NATIVE_FLOAT;
        case DType::float64: return H5::PredType::NATIVE_DOUBLE;
        case DType::int8: return H5::PredType::NATIVE_INT8;
        case DType::int16: return H5::PredType::NATIVE_INT16;
        case DType::int32: return H5::PredType::NATIVE_INT32;
        case DType::int64: return H5::PredType::NATIVE_INT64;
        case DType::uint8: return H5::PredType::NATIVE_UINT8;
        case DType::uint16: return H5::PredType::NATIVE_UINT16;
        case DType::uint32: return H5::PredType::NATIVE_UINT32;
        case DType::uint64: return H5::PredType::NATIVE_UINT64;
        default: fail(Code::internal, "no HDF5 type for ", dtype);
    }
}

H5::DataType stored_type(DType dtype) {
    switch (dtype) {
        case DType::float16: return half_type(float_layouts[0]);
        case DType::bfloat16: return H5::DataType(H5T_OPAQUE, 2);
        case DType::float32: return H5::PredType::IEEE_F32LE;
        case DType::float64: return H5::PredType::IEEE_F64LE;
        case DType::int8: return H5::PredType::STD_I8LE;
        case DType::int16: return H5::PredType::STD_I16LE;
        case DType::int32: return H5::PredType::STD_I32LE;
        case DType::int64: return H5::PredType::STD_I64LE;
        case DType::uint8: return H5::PredType::STD_U8LE;
        case DType::uint16: return H5::PredType::STD_U16LE;
        case DType::uint32: return H5::PredType::STD_U32LE;
        case DType::uint64: return H5::PredType::STD_U64LE;
        default: fail(Code::unsupported, "Keras' h5 files cannot hold ", dtype);
    }
}

}  // namespace layerctl::formats::h5
