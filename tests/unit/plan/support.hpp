#pragma once
// Compiling a text as if it were a file.

#include "plan/plan.hpp"

#include <string>

inline boom::plan::Plan compile_text(const std::string& text,
                                     const boom::load::Profile& profile = {},
                                     const std::string& path = "case.yml") {
    return boom::plan::compile({{path}, {{path, text}}}, profile);
}

// A case with one request, from the inside of its flow map.
inline boom::plan::RequestStep compile_request(const std::string& request,
                                               const boom::load::Profile& profile = {}) {
    return compile_text("config: {base_url: 'http://h'}\nteststeps: [{request: {" + request + "}}]",
                        profile)
        .cases.front()
        .requests.front();
}
