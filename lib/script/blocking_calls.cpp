#include "script/blocking_calls.hpp"

#include <fmt/format.h>

#include <array>
#include <poll.h>

namespace boom::script {
namespace {

constexpr int kDeadlineSeconds = 60;

}  // namespace

std::optional<expr::Value> BlockingCalls::call(expr::CallContext& context,
                                               std::string_view function,
                                               std::span<const expr::Value> arguments) {
    if (content_ != nullptr && library_ == nullptr) {
        library_ = NativeLibrary::load(*content_, context.error);
        if (library_ == nullptr) {
            return std::nullopt;
        }
    }
    if (library_ != nullptr && library_->has(function)) {
        return library_->call(context, function, arguments);
    }
    if (source_.text.empty()) {
        context.error = fmt::format("{}() waits: it cannot be called before the start", function);
        return std::nullopt;
    }
    return call_python(context, function, arguments);
}

std::optional<expr::Value> BlockingCalls::call_python(expr::CallContext& context,
                                                      std::string_view function,
                                                      std::span<const expr::Value> arguments) {
    if (host_ == nullptr) {
        host_ = PythonHost::start(source_, context.error);
        if (host_ == nullptr) {
            return std::nullopt;
        }
    }
    host_->call(++last_call_, function, arguments, PythonHost::Kind::Function);
    while (host_->is_alive()) {
        std::array<pollfd, 2> watched{
            pollfd{host_->read_descriptor(), POLLIN, 0},
            pollfd{host_->write_descriptor(),
                   static_cast<short>(host_->has_to_write() ? POLLOUT : 0), 0}};
        if (::poll(watched.data(), watched.size(), kDeadlineSeconds * 1000) == 0) {
            context.error =
                fmt::format("{}() gives nothing within {} s", function, kDeadlineSeconds);
            host_.reset();
            return std::nullopt;
        }
        host_->write_more();
        for (Answer& answer : host_->receive()) {
            const bool is_of_source = answer.id == 0 && !answer.error.empty();
            if (answer.id == last_call_ || is_of_source) {
                context.error = answer.error;
                return std::move(answer.value);
            }
        }
    }
    host_.reset();
    context.error = fmt::format("{}(): the Python process ended", function);
    return std::nullopt;
}

}  // namespace boom::script
