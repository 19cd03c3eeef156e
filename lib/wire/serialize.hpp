#pragma once
// The same message gives the same bytes: maps in the order of their keys. Private to this module.

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <string>

namespace boom::wire {

template <typename T>
std::string serialize(const T& message) {
    std::string bytes;
    {
        google::protobuf::io::StringOutputStream stream(&bytes);
        google::protobuf::io::CodedOutputStream output(&stream);
        output.SetSerializationDeterministic(true);
        message.SerializeToCodedStream(&output);
    }
    return bytes;
}

}  // namespace boom::wire
