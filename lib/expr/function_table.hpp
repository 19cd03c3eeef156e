#pragma once
// The built-in functions, by subject. Private to this module.

#include "expr/function.hpp"

#include <limits>
#include <optional>
#include <span>
#include <string_view>

namespace boom::expr {

// As Function::max_arguments: no upper limit.
inline constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

}  // namespace boom::expr

namespace boom::expr::calls {

using Arguments = std::span<const Value>;
using Result = std::optional<Value>;

// Of the case, by the name that it uses; empty, with the error set: it does not travel, or is too
// large to be taken as a whole.
[[nodiscard]] std::optional<std::string_view> find_file(CallContext& context,
                                                        const std::string& name);
// Sets the error and gives nothing, for `return fail(…)`.
[[nodiscard]] Result fail(CallContext& context, std::string what);
// A number, or a text that is one: values of CSV files are texts.
[[nodiscard]] std::optional<Value> number_of(const Value& value);

// Time and identity.
[[nodiscard]] Result get_timestamp(CallContext& context, Arguments arguments);
[[nodiscard]] Result timestamp(CallContext& context, Arguments arguments);
[[nodiscard]] Result timestamp_s(CallContext& context, Arguments arguments);
[[nodiscard]] Result date(CallContext& context, Arguments arguments);
[[nodiscard]] Result environ(CallContext& context, Arguments arguments);
[[nodiscard]] Result user_id(CallContext& context, Arguments arguments);
[[nodiscard]] Result iteration(CallContext& context, Arguments arguments);
// Chance.
[[nodiscard]] Result gen_random_string(CallContext& context, Arguments arguments);
[[nodiscard]] Result random_int(CallContext& context, Arguments arguments);
[[nodiscard]] Result random_range(CallContext& context, Arguments arguments);
[[nodiscard]] Result random_choice(CallContext& context, Arguments arguments);
[[nodiscard]] Result uuid(CallContext& context, Arguments arguments);
// Texts.
[[nodiscard]] Result md5(CallContext& context, Arguments arguments);
[[nodiscard]] Result sha1(CallContext& context, Arguments arguments);
[[nodiscard]] Result sha256(CallContext& context, Arguments arguments);
[[nodiscard]] Result sha512(CallContext& context, Arguments arguments);
[[nodiscard]] Result hmac_md5(CallContext& context, Arguments arguments);
[[nodiscard]] Result hmac_sha1(CallContext& context, Arguments arguments);
[[nodiscard]] Result hmac_sha256(CallContext& context, Arguments arguments);
[[nodiscard]] Result hmac_sha512(CallContext& context, Arguments arguments);
[[nodiscard]] Result base64_encode(CallContext& context, Arguments arguments);
[[nodiscard]] Result base64_decode(CallContext& context, Arguments arguments);
[[nodiscard]] Result url_encode(CallContext& context, Arguments arguments);
[[nodiscard]] Result url_decode(CallContext& context, Arguments arguments);
[[nodiscard]] Result upper(CallContext& context, Arguments arguments);
[[nodiscard]] Result lower(CallContext& context, Arguments arguments);
[[nodiscard]] Result split_by_comma(CallContext& context, Arguments arguments);
// Files.
[[nodiscard]] Result parameterize(CallContext& context, Arguments arguments);
[[nodiscard]] Result multipart_encoder(CallContext& context, Arguments arguments);
[[nodiscard]] Result multipart_content_type(CallContext& context, Arguments arguments);
[[nodiscard]] Result file_content(CallContext& context, Arguments arguments);
// Conversions.
[[nodiscard]] Result len(CallContext& context, Arguments arguments);
[[nodiscard]] Result to_int(CallContext& context, Arguments arguments);
[[nodiscard]] Result to_float(CallContext& context, Arguments arguments);
[[nodiscard]] Result to_str(CallContext& context, Arguments arguments);
[[nodiscard]] Result max(CallContext& context, Arguments arguments);
[[nodiscard]] Result min(CallContext& context, Arguments arguments);
// Shared by users.
[[nodiscard]] Result counter(CallContext& context, Arguments arguments);
[[nodiscard]] Result fleet_counter(CallContext& context, Arguments arguments);
[[nodiscard]] Result shared(CallContext& context, Arguments arguments);
[[nodiscard]] Result set_shared(CallContext& context, Arguments arguments);

}  // namespace boom::expr::calls
