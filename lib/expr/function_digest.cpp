// The built-in functions that sign and fingerprint texts.

#include "base/digest.hpp"
#include "base/text.hpp"
#include "expr/function_table.hpp"

#include <fmt/format.h>

namespace boom::expr::calls {
namespace {

using base::Digest;

// `form` is an argument of the call: how the bytes are to be written.
Result written(CallContext& context, const std::string& bytes, Arguments form) {
    if (form.empty() || form[0].is_null() || form[0].text() == "hex") {
        return Value(base::hex_text(bytes));
    }
    if (form[0].text() == "base64") {
        return Value(base::encode_base64(bytes));
    }
    return fail(context, fmt::format("the form of a digest is 'hex' or 'base64', not '{}'",
                                     base::shorten(form[0].text(), 40)));
}

Result digest_of(CallContext& context, Arguments arguments, Digest kind) {
    return written(context, base::digest(kind, arguments[0].text()), arguments.subspan(1));
}

Result hmac_of(CallContext& context, Arguments arguments, Digest kind) {
    return written(context, base::hmac(kind, arguments[0].text(), arguments[1].text()),
                   arguments.subspan(2));
}

}  // namespace

Result md5(CallContext& context, Arguments arguments) {
    return digest_of(context, arguments, Digest::Md5);
}

Result sha1(CallContext& context, Arguments arguments) {
    return digest_of(context, arguments, Digest::Sha1);
}

Result sha256(CallContext& context, Arguments arguments) {
    return digest_of(context, arguments, Digest::Sha256);
}

Result sha512(CallContext& context, Arguments arguments) {
    return digest_of(context, arguments, Digest::Sha512);
}

Result hmac_md5(CallContext& context, Arguments arguments) {
    return hmac_of(context, arguments, Digest::Md5);
}

Result hmac_sha1(CallContext& context, Arguments arguments) {
    return hmac_of(context, arguments, Digest::Sha1);
}

Result hmac_sha256(CallContext& context, Arguments arguments) {
    return hmac_of(context, arguments, Digest::Sha256);
}

Result hmac_sha512(CallContext& context, Arguments arguments) {
    return hmac_of(context, arguments, Digest::Sha512);
}

}  // namespace boom::expr::calls
