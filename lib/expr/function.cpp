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
    Function{"timestamp", 0, 2, false, calls::timestamp,
             "timestamp(unit, offset_seconds): time since 1970 in 's' (the default), 'ms', 'us'"},
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
    Function{"gen_random_string", 1, 2, false, calls::gen_random_string,
             "gen_random_string(n, alphabet): n characters of a-z, A-Z, 0-9, or of those given"},
    Function{"random_int", 1, 2, false, calls::random_int,
             "random_int(n): 0 to n-1; random_int(a, b): a to b, both included"},
    Function{"random_range", 2, 2, false, calls::random_range,
             "random_range(a, b): a real number from a up to but without b"},
    Function{"random_choice", 1, kAnyNumber, false, calls::random_choice,
             "random_choice(list) or random_choice(a, b, …): one of them"},
    Function{"uuid", 0, 0, false, calls::uuid, "uuid(): a random UUID (version 4)"},
    Function{"md5", 1, 2, true, calls::md5, "md5(text, form): 'hex' (the default) or 'base64'"},
    Function{"sha1", 1, 2, true, calls::sha1, "sha1(text, form): 'hex' (the default) or 'base64'"},
    Function{"sha256", 1, 2, true, calls::sha256,
             "sha256(text, form): 'hex' (the default) or 'base64'"},
    Function{"sha512", 1, 2, true, calls::sha512,
             "sha512(text, form): 'hex' (the default) or 'base64'"},
    Function{"hmac_md5", 2, 3, true, calls::hmac_md5,
             "hmac_md5(key, text, form): 'hex' or 'base64'"},
    Function{"hmac_sha1", 2, 3, true, calls::hmac_sha1,
             "hmac_sha1(key, text, form): 'hex' or 'base64'"},
    Function{"hmac_sha256", 2, 3, true, calls::hmac_sha256,
             "hmac_sha256(key, text, form): 'hex' or 'base64'"},
    Function{"hmac_sha512", 2, 3, true, calls::hmac_sha512,
             "hmac_sha512(key, text, form): 'hex' or 'base64'"},
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
    Function{"max", 1, kAnyNumber, true, calls::max, "max(a, b, …): the largest number"},
    Function{"min", 1, kAnyNumber, true, calls::min, "min(a, b, …): the smallest number"},
    Function{"multipart_encoder", 1, 1, false, calls::multipart_encoder,
             "multipart_encoder(map): the body of a form; '@file;type=…;filename=…' is a file"},
    Function{"multipart_content_type", 1, 1, false, calls::multipart_content_type,
             "multipart_content_type(body): the Content-Type that goes with multipart_encoder"},
    Function{"counter", 0, 1, false, calls::counter,
             "counter(name): 1, 2, 3, … of this user; each name counts by itself"},
    Function{"fleet_counter", 0, 1, false, calls::fleet_counter,
             "fleet_counter(name): a number that nobody else in the fleet gets in this run"},
    Function{"shared", 1, 2, false, calls::shared,
             "shared(name, default): what set_shared gave, to any user"},
    Function{"set_shared", 2, 3, false, calls::set_shared,
             "set_shared(name, value, scope): for all users of this worker, or of the 'fleet'"},
    // The user waits, its thread does not: so it is called as a function of users is.
    Function{"sleep", 1, 1, false, nullptr, "sleep(seconds): null, after that time", true},
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

}  // namespace boom::expr
