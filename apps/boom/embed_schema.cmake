# Writes a header with the schema of cases as text:
# cmake -DOUTPUT=… -DSCHEMA=… -P embed_schema.cmake
file(READ "${SCHEMA}" text)
file(WRITE "${OUTPUT}" "#pragma once
#include <string_view>

namespace boom::app {
inline constexpr std::string_view kCaseSchema = R\"schema(${text})schema\";
}  // namespace boom::app
")
