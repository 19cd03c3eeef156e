#include "net/http1_connection.hpp"

namespace boom::net {
namespace {

TlsContext::Protocol protocol_of(const ConnectionOptions& options) {
    return options.version == ConnectionOptions::Version::Http2 ? TlsContext::Protocol::Http2
                                                                : TlsContext::Protocol::Http1;
}

bool is_for(const Http1Profile& profile, const ConnectionOptions& options) {
    const bool is_verifying = options.verify == ConnectionOptions::Verify::Peer;
    return (profile.verify == TlsContext::Verify::Peer) == is_verifying &&
           profile.protocol == protocol_of(options) && profile.ca_file == options.ca_file &&
           profile.certificate_file == options.certificate_file &&
           profile.key_file == options.key_file &&
           profile.source_address == options.source_address && profile.resolve == options.resolve;
}

}  // namespace

Http1Profile& Http1Profiles::find_or_add(const ConnectionOptions& options) {
    for (const auto& profile : profiles_) {
        if (is_for(*profile, options)) {
            return *profile;
        }
    }
    auto profile = std::make_unique<Http1Profile>();
    profile->verify = options.verify == ConnectionOptions::Verify::Peer
                          ? TlsContext::Verify::Peer
                          : TlsContext::Verify::Nothing;
    profile->ca_file = options.ca_file;
    profile->certificate_file = options.certificate_file;
    profile->key_file = options.key_file;
    profile->source_address = options.source_address;
    profile->resolve = options.resolve;
    profile->protocol = protocol_of(options);
    profiles_.push_back(std::move(profile));
    return *profiles_.back();
}

}  // namespace boom::net
