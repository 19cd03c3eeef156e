#include "expr/document.hpp"

#include "expr/limits.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <utility>

namespace boom::expr {
namespace {

using simdjson::dom::element_type;
using Element = simdjson::dom::element;
using Step = JmesPath::Step;

// A larger body is taken as a text: simdjson addresses 4 GB.
constexpr std::size_t kMaxBodyBytes = std::size_t{1} << 31U;

// Before the first body; grows to the largest body, in powers of two.
constexpr std::size_t kInitialBodyBytes = 4096;

Value to_value(const Element& element);

Value to_list(const Element& element) {
    List list;
    const simdjson::dom::array items = element.get_array().value_unsafe();
    list.reserve(items.size());
    for (const Element item : items) {
        list.push_back(to_value(item));
    }
    return Value(std::move(list));
}

// Of repeated keys the last value wins, as everywhere.
Value to_map(const Element& element) {
    Map map;
    const simdjson::dom::object members = element.get_object().value_unsafe();
    map.reserve(members.size());
    for (const auto member : members) {
        const auto same = std::find_if(map.begin(), map.end(), [&member](const auto& known) {
            return known.first == member.key;
        });
        if (same != map.end()) {
            same->second = to_value(member.value);
        } else {
            map.emplace_back(std::string(member.key), to_value(member.value));
        }
    }
    return Value(std::move(map));
}

Value to_value(const Element& element) {
    switch (element.type()) {
        case element_type::ARRAY:
            return to_list(element);
        case element_type::OBJECT:
            return to_map(element);
        case element_type::INT64:
            return Value(element.get_int64().value_unsafe());
        case element_type::UINT64:
            // The type of a number that int64 cannot hold.
            return Value(BigInteger{std::to_string(element.get_uint64().value_unsafe())});
        case element_type::DOUBLE:
            return Value(element.get_double().value_unsafe());
        case element_type::STRING:
            return Value(element.get_string().value_unsafe());
        case element_type::BOOL:
            return Value(element.get_bool().value_unsafe());
        case element_type::NULL_VALUE:
            break;
    }
    return {};
}

// False when the step leads nowhere.
bool follow(Element& element, const Step& step) {
    if (!step.is_index) {
        bool is_found = false;
        if (element.type() == element_type::OBJECT) {
            const simdjson::dom::object members = element.get_object().value_unsafe();
            for (const auto member : members) {
                if (member.key == step.name) {
                    element = member.value;
                    is_found = true;
                }
            }
        }
        return is_found;
    }
    if (element.type() != element_type::ARRAY) {
        return false;
    }
    const simdjson::dom::array items = element.get_array().value_unsafe();
    std::int64_t index = step.index;
    if (index < 0) {
        index += std::distance(items.begin(), items.end());
    }
    if (index < 0) {
        return false;
    }
    for (const Element item : items) {
        if (index-- == 0) {
            element = item;
            return true;
        }
    }
    return false;
}

const Value* follow(const Value& value, const Step& step) {
    if (!step.is_index) {
        return value.member(step.name);
    }
    if (value.kind() != Value::Kind::List) {
        return nullptr;
    }
    const List& items = value.as_list();
    const auto size = static_cast<std::int64_t>(items.size());
    const std::int64_t index = step.index < 0 ? step.index + size : step.index;
    return index < 0 || index >= size ? nullptr : &items[static_cast<std::size_t>(index)];
}

}  // namespace

struct Document::State {
    enum class Form { Unparsed, Parsed, Converted };

    simdjson::dom::parser parser;
    std::string_view text;
    Form form = Form::Unparsed;
    Element root;
    Value value;  // when simdjson refused: an exact parse, else the text

    // One level more than the limit: simdjson counts the one inside of the innermost bracket.
    bool reserve(std::size_t size) {
        return parser.capacity() >= size ||
               parser.allocate(std::max(std::bit_ceil(size), kInitialBodyBytes), kMaxDepth + 1) ==
                   simdjson::SUCCESS;
    }

    void parse() {
        const bool is_ready = !text.empty() && text.size() <= kMaxBodyBytes && reserve(text.size());
        if (is_ready && parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS) {
            form = Form::Parsed;
            return;
        }
        // Integers beyond 64 bits, and texts.
        value = parse_json(text).value_or(Value(text));
        form = Form::Converted;
    }
};

Document::Document() : state_(std::make_unique<State>()) {}
Document::~Document() = default;

void Document::reset(std::string_view text) {
    state_->text = text;
    state_->form = State::Form::Unparsed;
    state_->value = Value();
}

Value Document::find(std::span<const Step> steps) {
    if (state_->form == State::Form::Unparsed) {
        state_->parse();
    }
    if (state_->form == State::Form::Parsed) {
        Element element = state_->root;
        const bool is_found = std::all_of(steps.begin(), steps.end(), [&element](const Step& step) {
            return follow(element, step);
        });
        return is_found ? to_value(element) : Value();
    }
    const Value* value = &state_->value;
    for (const Step& step : steps) {
        value = follow(*value, step);
        if (value == nullptr) {
            return {};
        }
    }
    return *value;
}

}  // namespace boom::expr
