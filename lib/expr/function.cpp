#include "expr/function.hpp"

#include "base/text.hpp"
#include "expr/function_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace boom::expr {
namespace {

constexpr std::array kFunctions{
    Function{"get_timestamp", 0, 0, false, calls::get_timestamp,
             "get_timestamp(): milliseconds since 1970, as an integer"},
    Function{"timestamp", 0, 1, false, calls::timestamp,
             "timestamp(unit): time since 1970 in 's' (the default) or 'ms'"},
    Function{"timestamp_s", 0, 0, false, calls::timestamp_s, "timestamp_s(): seconds since 1970"},
    Function{"date", 0, 2, false, calls::date,
             "date(format, offset_seconds): UTC by strftime, '%Y-%m-%d %H:%M:%S' by default"},
    Function{"environ", 1, 1, false, calls::environ,
             "environ(name): of .env or the environment, else an empty text"},
    Function{"ENV", 1, 1, false, calls::environ, "ENV(name): the same as environ"},
    Function{"user_id", 0, 0, false, calls::user_id,
             "user_id(): number of the virtual user over all workers, from 0"},
    Function{"iteration", 0, 0, false, calls::iteration,
             "iteration(): number of this user's iteration, from 0"},
    Function{"gen_random_string", 1, 1, false, calls::gen_random_string,
             "gen_random_string(n): n characters of a-z, A-Z, 0-9"},
    Function{"random_int", 1, 1, false, calls::random_int, "random_int(n): 0 to n-1"},
    Function{"random_range", 2, 2, false, calls::random_range,
             "random_range(a, b): a real number from a up to but without b"},
    Function{"random_choice", 1, kAnyNumber, false, calls::random_choice,
             "random_choice(list) or random_choice(a, b, …): one of them"},
    Function{"uuid", 0, 0, false, calls::uuid, "uuid(): a random UUID (version 4)"},
    Function{"md5", 1, 1, true, calls::md5, "md5(text): lower-case hexadecimal"},
    Function{"sha256", 1, 1, true, calls::sha256, "sha256(text): lower-case hexadecimal"},
    Function{"hmac_sha256", 2, 2, true, calls::hmac_sha256,
             "hmac_sha256(key, text): lower-case hexadecimal"},
    Function{"base64_encode", 1, 1, true, calls::base64_encode, "base64_encode(text)"},
    Function{"base64_decode", 1, 1, true, calls::base64_decode, "base64_decode(text)"},
    Function{"url_encode", 1, 1, true, calls::url_encode, "url_encode(text): percent-encoding"},
    Function{"url_decode", 1, 1, true, calls::url_decode, "url_decode(text)"},
    Function{"upper", 1, 1, true, calls::upper, "upper(text): ASCII letters only"},
    Function{"lower", 1, 1, true, calls::lower, "lower(text): ASCII letters only"},
    Function{"split_by_comma", 1, 1, true, calls::split_by_comma,
             "split_by_comma(text): a list of texts"},
    Function{"parameterize", 1, 2, false, calls::parameterize,
             "parameterize(path, delimiter): the rows of a CSV or JSON file"},
    Function{"P", 1, 2, false, calls::parameterize, "P(path, delimiter): as parameterize"},
    Function{"file_content", 1, 1, false, calls::file_content,
             "file_content(path): the bytes of a file of the case, as a text"},
    Function{"load_ws_message", 1, 1, false, calls::file_content,
             "load_ws_message(path): as file_content"},
    Function{"len", 1, 1, true, calls::len, "len(value): bytes of a text, items of a list or map"},
    Function{"int", 1, 1, true, calls::to_int,
             "int(value): a number or the text of one, without its fraction"},
    Function{"float", 1, 1, true, calls::to_float, "float(value): a number or the text of one"},
    Function{"str", 1, 1, true, calls::to_str, "str(value): as it stands in a text"},
    Function{"max", 2, 2, true, calls::max, "max(a, b): the larger number"},
};

constexpr std::string_view kNotYet = "is not supported yet";
constexpr std::array kRefused{
    std::pair{std::string_view("multipart_encoder"), kNotYet},
    std::pair{std::string_view("multipart_content_type"), kNotYet},
    std::pair{std::string_view("sleep"),
              std::string_view("would stop all users of its thread: use think_time")},
};

// HttpRunner's "common name": sum_two_int is SumTwoInt.
std::string common_name(std::string_view name) {
    std::string result = base::to_lower(name);
    std::erase(result, '_');
    return result;
}

// By exact name, else by common name; the end when there is none.
template <typename Table, typename NameOf>
auto find_by_name(const Table& table, std::string_view name, NameOf name_of) {
    const auto exact = std::find_if(table.begin(), table.end(), [name, name_of](const auto& entry) {
        return name_of(entry) == name;
    });
    if (exact != table.end()) {
        return exact;
    }
    return std::find_if(table.begin(), table.end(),
                        [common = common_name(name), name_of](const auto& entry) {
                            return common_name(name_of(entry)) == common;
                        });
}

}  // namespace

void UserFunctions::add(std::string name, std::size_t min_arguments, std::size_t max_arguments) {
    Entry& entry = entries_.emplace_back();
    entry.name = std::move(name);
    entry.function.name = entry.name;
    entry.function.min_arguments = min_arguments;
    entry.function.max_arguments = max_arguments;
    entry.function.is_of_user = true;
}

const Function* UserFunctions::find(std::string_view name) const {
    const auto found =
        find_by_name(entries_, name, [](const Entry& entry) { return entry.function.name; });
    return found != entries_.end() ? &found->function : nullptr;
}

std::vector<std::string_view> UserFunctions::names() const {
    std::vector<std::string_view> names;
    for (const Entry& entry : entries_) {
        names.push_back(entry.function.name);
    }
    return names;
}

std::span<const Function> built_in_functions() {
    return kFunctions;
}

const Function* find_built_in(std::string_view name) {
    const auto* found =
        find_by_name(kFunctions, name, [](const Function& function) { return function.name; });
    return found == kFunctions.end() ? nullptr : found;
}

std::string_view refused_function(std::string_view name) {
    const auto* found = find_by_name(kRefused, name, [](const auto& entry) { return entry.first; });
    return found == kRefused.end() ? std::string_view() : found->second;
}

}  // namespace boom::expr
