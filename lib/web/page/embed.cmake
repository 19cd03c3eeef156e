# Writes a header with the page's files as text: cmake -DOUTPUT=… "-DFILES=a|b" -P embed.cmake
string(REPLACE "|" ";" FILES "${FILES}")
set(type.html "text/html")
set(type.css "text/css")
set(type.js "text/javascript")
set(rows "")
set(count 0)
foreach(file IN LISTS FILES)
    file(READ "${file}" text)
    get_filename_component(name "${file}" NAME)
    get_filename_component(extension "${file}" LAST_EXT)
    if(NOT DEFINED type${extension})
        message(FATAL_ERROR "${file}: no content type is known for ${extension}")
    endif()
    set(type "${type${extension}}")
    string(APPEND rows "    Asset{\"${name}\", \"${type}\",
          R\"page(${text})page\"},\n")
    math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUTPUT}" "#pragma once
#include \"web/assets.hpp\"

#include <array>

namespace boom::web::page {
inline constexpr std::array<Asset, ${count}> kAssets{{
${rows}}};
}  // namespace boom::web::page
")
