#include "script/native_library.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "script/include/boom/debugtalk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

// What the library knows only by its pointer.
struct boom_call {
    std::optional<boom::expr::Value> result;
    std::string error;
    bool has_failed = false;
};

namespace boom::script {
namespace {

// More is a mistake of the library.
constexpr std::uint32_t kMaxFunctions = 10'000;
constexpr std::size_t kFewArguments = 8;

// Which function a thread is in, for the last words of the process.
thread_local const char* function_in_hand = nullptr;

// Only what may be called in a handler of signals.
void tell_crash(int signal) {
    if (function_in_hand != nullptr) {
        constexpr std::string_view kBefore = "boom: crashed inside of debugtalk.so: ";
        (void)!::write(2, kBefore.data(), kBefore.size());
        (void)!::write(2, function_in_hand, std::strlen(function_in_hand));
        (void)!::write(2, "()\n", 3);
    }
    (void)::raise(signal);  // the default again: SA_RESETHAND
}

void watch_crashes() {
    struct sigaction action {};
    action.sa_handler = tell_crash;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
        ::sigaction(signal, &action, nullptr);
    }
}

void give(boom_call* call, const boom_value* result) {
    switch (result->kind) {
        case BOOM_BOOL:
            call->result = expr::Value(result->integer != 0);
            return;
        case BOOM_INTEGER:
            call->result = expr::Value(result->integer);
            return;
        case BOOM_REAL:
            call->result = expr::Value(result->real);
            return;
        case BOOM_TEXT:
            call->result = expr::Value(std::string_view(result->text, result->size));
            return;
        case BOOM_JSON:
            call->result = expr::parse_json({result->text, result->size});
            if (!call->result) {
                call->has_failed = true;
                call->error = "its result is no JSON";
            }
            return;
        default:
            call->result = expr::Value();
            return;
    }
}

void fail(boom_call* call, const char* message, std::size_t size) {
    call->has_failed = true;
    call->error.assign(message, size);
}

constexpr boom_host kHost{give, fail};

// `text` holds what has no form of its own.
boom_value value_of(const expr::Value& value, std::string& text) {
    using Kind = expr::Value::Kind;
    boom_value result{BOOM_NULL, 0, 0, "", 0};
    switch (value.kind()) {
        case Kind::Null:
            break;
        case Kind::Bool:
            result.kind = BOOM_BOOL;
            result.integer = value.as_bool() ? 1 : 0;
            break;
        case Kind::Integer:
            result.kind = BOOM_INTEGER;
            result.integer = value.as_integer();
            break;
        case Kind::Real:
            result.kind = BOOM_REAL;
            result.real = value.as_real();
            break;
        case Kind::Text:
            result.kind = BOOM_TEXT;
            result.text = value.as_text().data();
            result.size = value.as_text().size();
            break;
        case Kind::BigInteger:
        case Kind::List:
        case Kind::Map:
            text = value.json();
            result.kind = BOOM_JSON;
            result.text = text.data();
            result.size = text.size();
            break;
    }
    return result;
}

std::string last_dl_error() {
    const char* text = ::dlerror();
    return text != nullptr ? text : "unknown";
}

// A file that is none on the disk.
int memory_file(const std::string& content) {
    const int descriptor = ::memfd_create("debugtalk.so", MFD_CLOEXEC);
    std::size_t written = 0;
    while (descriptor >= 0 && written < content.size()) {
        const ssize_t count =
            ::write(descriptor, content.data() + written, content.size() - written);
        if (count <= 0) {
            ::close(descriptor);
            return -1;
        }
        written += static_cast<std::size_t>(count);
    }
    return descriptor;
}

const boom_table* open_table(const std::string& content, std::string& error) {
    const int descriptor = memory_file(content);
    if (descriptor < 0) {
        error = "no memory to load it from";
        return nullptr;
    }
    const std::string path = fmt::format("/proc/self/fd/{}", descriptor);
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        error = "cannot be loaded: " + last_dl_error();
        ::close(descriptor);
        return nullptr;
    }
    // The descriptor stays open: the next library must not get the same path.
    void* symbol = ::dlsym(library, "boom_debugtalk");
    if (symbol == nullptr) {
        error = "exports no boom_debugtalk(): see boom/debugtalk.h";
        return nullptr;
    }
    const boom_table* table = reinterpret_cast<decltype(&boom_debugtalk)>(symbol)();
    if (table == nullptr || table->abi != BOOM_ABI || table->count > kMaxFunctions ||
        (table->entries == nullptr && table->count > 0)) {
        error = fmt::format("was built for interface {}, this is {}",
                            table != nullptr ? table->abi : 0U, static_cast<int>(BOOM_ABI));
        return nullptr;
    }
    return table;
}

}  // namespace

struct NativeLibrary::Table {
    std::map<std::string, const boom_entry*, std::less<>> entries;
};

std::shared_ptr<const NativeLibrary> NativeLibrary::load(const std::string& content,
                                                         std::string& error) {
    // By content: what a worker has loaded it need not load again for the next run.
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<const NativeLibrary>> loaded;
    const std::string identity = base::sha256_hex(content);
    const std::lock_guard lock(mutex);
    if (const auto found = loaded.find(identity); found != loaded.end()) {
        return found->second;
    }
    const boom_table* table = open_table(content, error);
    if (table == nullptr) {
        return nullptr;
    }
    auto entries = std::make_shared<Table>();
    for (const boom_entry& entry : std::span(table->entries, table->count)) {
        if (entry.name == nullptr || entry.call == nullptr ||
            entry.min_arguments > entry.max_arguments) {
            error = "has a broken entry in its table of functions";
            return nullptr;
        }
        entries->entries.emplace(entry.name, &entry);
    }
    watch_crashes();
    std::shared_ptr<NativeLibrary> library(new NativeLibrary);
    library->table_ = std::move(entries);
    loaded.emplace(identity, library);
    return library;
}

bool NativeLibrary::has(std::string_view function) const {
    return table_->entries.contains(function);
}

std::vector<NativeFunction> NativeLibrary::functions() const {
    std::vector<NativeFunction> result;
    for (const auto& [name, entry] : table_->entries) {
        result.push_back({name, entry->min_arguments, entry->max_arguments});
    }
    return result;
}

std::optional<expr::Value> NativeLibrary::call(expr::CallContext& context,
                                               std::string_view function,
                                               std::span<const expr::Value> arguments) const {
    const boom_entry& entry = *table_->entries.find(function)->second;
    std::array<boom_value, kFewArguments> few{};
    std::array<std::string, kFewArguments> texts;
    std::vector<boom_value> many;
    std::vector<std::string> many_texts;
    boom_value* values = few.data();
    std::string* held = texts.data();
    if (arguments.size() > kFewArguments) {
        many.resize(arguments.size());
        many_texts.resize(arguments.size());
        values = many.data();
        held = many_texts.data();
    }
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        values[i] = value_of(arguments[i], held[i]);
    }
    boom_call call;
    function_in_hand = entry.name;
    entry.call(&call, &kHost, values, arguments.size());
    function_in_hand = nullptr;
    if (call.has_failed) {
        context.error = fmt::format("{}(): {}", entry.name, call.error);
        return std::nullopt;
    }
    if (!call.result && context.is_hook && !arguments.empty()) {
        return arguments.front();
    }
    return call.result ? std::move(*call.result) : expr::Value();
}

}  // namespace boom::script
