#include "target/auth.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "target/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace boom::target {
namespace {

constexpr std::string_view kRealm = "boom";

Answer success(std::string_view user) {
    return json(200, fmt::format(R"({{"authenticated":true,"user":{}}})", json_string(user)));
}

using Words = std::map<std::string, std::string, std::less<>>;

// "a=b, c=\"d, e\"": the parameters of an Authorization header.
Words parse_words(std::string_view text) {
    Words words;
    while (!(text = base::trim(text)).empty()) {
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) {
            return {};
        }
        const std::string name = base::to_lower(base::trim(text.substr(0, equals)));
        text = base::trim(text.substr(equals + 1));
        std::string value;
        if (text.substr(0, 1) == "\"") {
            std::size_t at = 1;
            for (; at < text.size() && text[at] != '"'; ++at) {
                at += static_cast<std::size_t>(text[at] == '\\' && at + 1 < text.size());
                value += text[at];
            }
            text.remove_prefix(std::min(at + 1, text.size()));
        } else {
            value = base::trim(text.substr(0, text.find(',')));
        }
        words.emplace(name, value);
        const std::size_t comma = text.find(',');
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return words;
}

std::string hash(const DigestDemand& demand, const std::string& text) {
    return demand.algorithm == DigestAlgorithm::Md5 ? base::md5_hex(text) : base::sha256_hex(text);
}

std::string_view name_of(DigestAlgorithm algorithm) {
    return algorithm == DigestAlgorithm::Md5 ? "MD5" : "SHA-256";
}

// The same one for all who ask for the same: nothing has to be remembered.
std::string nonce_of(const DigestDemand& demand) {
    return base::sha256_hex(fmt::format("{}|{}|{}", demand.secret, demand.wanted.user,
                                        name_of(demand.algorithm)))
        .substr(0, 32);
}

bool is_for(const Request& request, std::string_view uri) {
    const std::size_t question = std::min(uri.find('?'), uri.size());
    const std::string path = base::percent_decode(uri.substr(0, question), base::PlusSign::Literal);
    return path == request.path && uri.substr(std::min(question + 1, uri.size())) == request.query;
}

bool is_right(const Request& request, const DigestDemand& demand, const Words& words) {
    const auto word = [&](std::string_view name) {
        const auto found = words.find(name);
        return found == words.end() ? std::string() : found->second;
    };
    const std::string secret =
        hash(demand, fmt::format("{}:{}:{}", demand.wanted.user, kRealm, demand.wanted.password));
    const std::string action = hash(demand, request.method + ":" + word("uri"));
    const std::string middle =
        demand.quality.empty()
            ? word("nonce")
            : fmt::format("{}:{}:{}:{}", word("nonce"), word("nc"), word("cnonce"), word("qop"));
    return word("username") == demand.wanted.user && word("realm") == kRealm &&
           word("nonce") == nonce_of(demand) && is_for(request, word("uri")) &&
           word("qop") == demand.quality &&
           word("response") == hash(demand, secret + ":" + middle + ":" + action);
}

}  // namespace

Answer basic_auth(const Request& request, const Credentials& wanted) {
    const std::string expected =
        "Basic " + base::encode_base64(fmt::format("{}:{}", wanted.user, wanted.password));
    if (request.header("Authorization") == expected) {
        return success(wanted.user);
    }
    Answer result = problem(401, "user and password are needed");
    result.headers.emplace_back("WWW-Authenticate", fmt::format("Basic realm=\"{}\"", kRealm));
    return result;
}

Answer digest_auth(const Request& request, const DigestDemand& demand) {
    constexpr std::string_view kDigest = "Digest ";
    const std::string_view sent = request.header("Authorization");
    if (sent.substr(0, kDigest.size()) == kDigest &&
        is_right(request, demand, parse_words(sent.substr(kDigest.size())))) {
        return success(demand.wanted.user);
    }
    Answer result = problem(401, "digest authentication is needed");
    result.headers.emplace_back(
        "WWW-Authenticate",
        fmt::format(R"(Digest realm="{}", nonce="{}", algorithm={}{}{})", kRealm, nonce_of(demand),
                    name_of(demand.algorithm), demand.quality.empty() ? "" : ", qop=",
                    demand.quality.empty() ? "" : json_string(demand.quality)));
    return result;
}

std::string_view bearer_token(const Request& request) {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view authorization = request.header("Authorization");
    return authorization.substr(0, kBearer.size()) == kBearer ? authorization.substr(kBearer.size())
                                                              : std::string_view{};
}

}  // namespace boom::target
