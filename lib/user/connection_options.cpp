#include "user/connection_options.hpp"

namespace boom::user {
namespace {

net::WebSocketCommand::Kind kind_of(plan::WebSocketAction::Kind kind) {
    using Kind = net::WebSocketCommand::Kind;
    switch (kind) {
        case plan::WebSocketAction::Kind::Open:
            break;
        case plan::WebSocketAction::Kind::Ping:
            return Kind::Ping;
        case plan::WebSocketAction::Kind::WriteAndRead:
            return Kind::WriteAndRead;
        case plan::WebSocketAction::Kind::Read:
            return Kind::Read;
        case plan::WebSocketAction::Kind::Write:
            return Kind::Write;
        case plan::WebSocketAction::Kind::Close:
            return Kind::Close;
    }
    return Kind::Open;
}

net::WebSocketCommand command_of(const plan::WebSocketAction& action) {
    using Command = net::WebSocketCommand;
    Command command;
    command.kind = kind_of(action.kind);
    command.payload = action.is_binary ? Command::Payload::Binary : Command::Payload::Text;
    command.connection = action.is_fresh ? Command::Connection::New : Command::Connection::Kept;
    command.target = action.has_url ? Command::Target::Url : Command::Target::UrlOrLast;
    command.close_code = action.close_code;
    command.max_message_bytes = action.max_message_bytes;
    return command;
}

}  // namespace

net::ConnectionOptions connection_options(const plan::RequestStep& step,
                                          const load::Profile& profile) {
    using Options = net::ConnectionOptions;
    Options options;
    options.connect_timeout = profile.connect_timeout;
    options.timeout = step.timeout > base::Duration::zero() ? step.timeout : profile.timeout;
    options.verify =
        step.verify && !profile.no_verify ? Options::Verify::Peer : Options::Verify::Nothing;
    options.version = step.http2 ? Options::Version::Http2 : Options::Version::Http1;
    options.keep_alive =
        profile.disable_keepalive ? Options::KeepAlive::Off : Options::KeepAlive::On;
    options.connections = profile.connections == load::Connections::Shared
                              ? Options::Connections::Shared
                              : Options::Connections::OfOwner;
    options.ca_file = profile.cacert;
    options.certificate_file = profile.cert;
    options.key_file = profile.key;
    options.proxy = profile.proxy;
    options.resolve = profile.resolve;
    if (step.web_socket) {
        options.web_socket = command_of(*step.web_socket);
    }
    return options;
}

}  // namespace boom::user
