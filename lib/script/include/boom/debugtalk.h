/* Functions in C or C++ that a test case of boom calls: ${name(arguments)}. Interface version 1.
 *
 * A library exports boom_debugtalk(), which gives the table of its functions. It is loaded once
 * into every worker; its functions are called from several threads at once, on the threads that
 * generate the load: one that blocks or takes long stops every user of its thread, and one that
 * crashes ends the worker. In C++ see the lower part:
 *
 *     std::int64_t sum_two_int(std::int64_t a, std::int64_t b) { return a + b; }
 *     constexpr boom_entry kFunctions[] = {boom::function<sum_two_int>("sum_two_int")};
 *     extern "C" const boom_table* boom_debugtalk(void) { return boom::table<kFunctions>(); }
 *
 * Built by boom from debugtalk.cpp, or by hand: c++ -std=c++20 -O2 -shared -fPIC. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { BOOM_ABI = 1 };

enum boom_kind {
    BOOM_NULL = 0,
    BOOM_BOOL = 1,    /* integer: 0 or 1 */
    BOOM_INTEGER = 2, /* integer */
    BOOM_REAL = 3,    /* real */
    BOOM_TEXT = 4,    /* text, size: bytes, without a zero at the end */
    BOOM_JSON = 5     /* text, size: a list, a map, or an integer beyond 64 bits */
};

typedef struct boom_value {
    int32_t kind;
    int64_t integer;
    double real;
    const char* text;
    size_t size;
} boom_value;

/* One call under way. */
typedef struct boom_call boom_call;

/* What a function may say; both copy. Without a word from it the result is null. */
typedef struct boom_host {
    void (*give)(boom_call* call, const boom_value* result);
    void (*fail)(boom_call* call, const char* message, size_t size);
} boom_host;

/* Nothing may be thrown out of it. The arguments live as long as the call. */
typedef void (*boom_function)(boom_call* call, const boom_host* host, const boom_value* arguments,
                              size_t count);

typedef struct boom_entry {
    const char* name;
    uint32_t min_arguments, max_arguments;
    boom_function call;
} boom_entry;

typedef struct boom_table {
    uint32_t abi; /* BOOM_ABI */
    uint32_t count;
    const boom_entry* entries;
} boom_table;

/* Exported by the library. What it gives lives as long as the process. */
const boom_table* boom_debugtalk(void);

#ifdef __cplusplus
} /* extern "C" */

#include <charconv>
#include <concepts>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace boom {

/* A list or a map, as its JSON text. A hook takes the request or response as one and gives it back
 * changed. */
struct Json {
    std::string text;
};

namespace detail {

template <typename T>
T number_from(const boom_value& value) {
    T number{};
    const char* end = value.text + value.size;
    const auto [at, error] = std::from_chars(value.text, end, number);
    if (error != std::errc() || at != end || value.size == 0) {
        throw std::invalid_argument("'" + std::string(value.text, value.size) + "' is no number");
    }
    return number;
}

template <typename T>
T argument(const boom_value& value) {
    using Plain = std::remove_cvref_t<T>;
    const bool has_text = value.kind == BOOM_TEXT || value.kind == BOOM_JSON;
    if constexpr (std::same_as<Plain, std::string> || std::same_as<Plain, std::string_view>) {
        if (has_text) {
            return Plain(value.text, value.size);
        }
        if constexpr (std::same_as<Plain, std::string>) {
            return value.kind == BOOM_NULL      ? std::string()
                   : value.kind == BOOM_BOOL    ? std::string(value.integer != 0 ? "true" : "false")
                   : value.kind == BOOM_INTEGER ? std::to_string(value.integer)
                                                : std::to_string(value.real);
        } else {
            throw std::invalid_argument("an argument is no text");
        }
    } else if constexpr (std::same_as<Plain, Json>) {
        if (value.kind != BOOM_JSON) {
            throw std::invalid_argument("an argument is no list or map");
        }
        return Json{std::string(value.text, value.size)};
    } else if constexpr (std::same_as<Plain, bool>) {
        return value.kind == BOOM_REAL ? value.real != 0
               : has_text              ? value.size != 0
                                       : value.integer != 0;
    } else {
        static_assert(std::is_arithmetic_v<Plain>, "bool, numbers, std::string, boom::Json");
        if (value.kind == BOOM_NULL || value.kind == BOOM_JSON) {
            throw std::invalid_argument("an argument is no number");
        }
        return has_text                  ? number_from<Plain>(value)
               : value.kind == BOOM_REAL ? static_cast<Plain>(value.real)
                                         : static_cast<Plain>(value.integer);
    }
}

template <typename T>
void give(boom_call* call, const boom_host* host, const T& result) {
    boom_value value{BOOM_NULL, 0, 0, "", 0};
    if constexpr (std::same_as<T, bool>) {
        value.kind = BOOM_BOOL;
        value.integer = result ? 1 : 0;
    } else if constexpr (std::is_integral_v<T>) {
        value.kind = BOOM_INTEGER;
        value.integer = static_cast<int64_t>(result);
    } else if constexpr (std::is_floating_point_v<T>) {
        value.kind = BOOM_REAL;
        value.real = static_cast<double>(result);
    } else if constexpr (std::same_as<T, Json>) {
        value.kind = BOOM_JSON;
        value.text = result.text.data();
        value.size = result.text.size();
    } else {
        const std::string_view text(result);
        value.kind = BOOM_TEXT;
        value.text = text.data();
        value.size = text.size();
    }
    host->give(call, &value);
}

template <auto Function, typename Signature>
struct Wrapped;

template <auto Function, typename Result, typename... Arguments>
struct Wrapped<Function, Result (*)(Arguments...)> {
    static constexpr uint32_t kCount = sizeof...(Arguments);

    template <std::size_t... I>
    static void run(boom_call* call, const boom_host* host, const boom_value* arguments,
                    std::index_sequence<I...>) {
        if constexpr (std::is_void_v<Result>) {
            Function(argument<std::remove_cvref_t<Arguments>>(arguments[I])...);
        } else {
            give<std::remove_cvref_t<Result>>(
                call, host, Function(argument<std::remove_cvref_t<Arguments>>(arguments[I])...));
        }
    }
    static void call(boom_call* call, const boom_host* host, const boom_value* arguments,
                     size_t /*count*/) {
        try {
            run(call, host, arguments, std::index_sequence_for<Arguments...>());
        } catch (const std::exception& error) {
            const std::string_view text(error.what());
            host->fail(call, text.data(), text.size());
        } catch (...) {
            const std::string_view text("threw something");
            host->fail(call, text.data(), text.size());
        }
    }
};

}  // namespace detail

/* An entry for a plain function of bool, numbers, std::string, std::string_view and Json. What it
 * throws is the call's failure. */
template <auto Function>
constexpr boom_entry function(const char* name) {
    using Wrapped = detail::Wrapped<Function, decltype(Function)>;
    return {name, Wrapped::kCount, Wrapped::kCount, &Wrapped::call};
}

/* The table of an array of entries that lives as long as the library. */
template <const auto& Entries>
const boom_table* table() {
    static const boom_table result{BOOM_ABI, static_cast<uint32_t>(std::size(Entries)), Entries};
    return &result;
}

}  // namespace boom
#endif
