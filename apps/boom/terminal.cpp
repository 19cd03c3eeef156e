#include "boom/terminal.hpp"

#include "base/log.hpp"

#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace boom::app {
namespace {

std::string environment(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets the environment
    const char* text = std::getenv(name);
    return text == nullptr ? std::string() : std::string(text);
}

// No run ends because its terminal has gone or the disk under its log is full: fmt::print throws.
bool write_to(std::FILE* file, const std::string& text) {
    const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    return std::fflush(file) == 0 && is_written;
}

}  // namespace

report::TerminalFacts Terminal::facts(int descriptor) const {
    report::TerminalFacts facts;
    facts.is_terminal = isatty(descriptor) == 1;
    facts.term = environment("TERM");
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (facts.locale.empty()) {
            facts.locale = environment(name);
        }
    }
    facts.has_no_color = color_ == Color::Forbidden || !environment("NO_COLOR").empty();
    winsize size{};
    if (facts.is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0) {
        facts.columns = size.ws_col;
        facts.rows = size.ws_row;
    }
    return facts;
}

void Terminal::show_progress(const report::Result& result) {
    if (progress_ == Progress::Hidden) {
        return;
    }
    const report::TerminalFacts where = facts(STDERR_FILENO);
    const report::TextStyle style = report::style_for(where);
    if (report::can_redraw(where)) {
        (void)write_to(stderr, screen_.draw(report::live_view(result, style), style));
    } else {
        (void)write_to(stderr, report::progress_line(result, style) + '\n');
    }
}

void Terminal::make_room() {
    (void)write_to(stderr, screen_.erase());
}

void Terminal::show_final(const report::Result& result) {
    make_room();
    if (!write_to(stdout, report::final_report(result, output_style()))) {
        base::log::warning("the summary cannot be written to stdout");
    }
}

report::TextStyle Terminal::output_style() const {
    return report::style_for(facts(STDOUT_FILENO));
}

}  // namespace boom::app
