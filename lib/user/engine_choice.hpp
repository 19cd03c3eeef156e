#pragma once
// The loop and the engines that one generator thread gets for a plan and a profile.

#include "load/profile.hpp"
#include "net/event_loop.hpp"
#include "net/http.hpp"
#include "net/web_socket.hpp"
#include "plan/plan.hpp"

#include <cstdint>
#include <memory>

namespace boom::user {

// Throws base::ConfigError when the machine does not offer it.
[[nodiscard]] std::unique_ptr<net::EventLoop> make_loop(load::Io io);
// One serves all requests of a thread: curl where it is asked for or a proxy needs it.
[[nodiscard]] std::unique_ptr<net::HttpEngine> make_engine(const plan::Plan& plan,
                                                           const load::Profile& profile,
                                                           net::EventLoop& loop);
// Null when no step asks for any. The seed is that of the masks.
[[nodiscard]] std::unique_ptr<net::WebSocketEngine> make_web_sockets(const plan::Plan& plan,
                                                                     net::EventLoop& loop,
                                                                     std::uint64_t seed);

}  // namespace boom::user
