#pragma once
// Pages made of parts that stand in lib/report/page and are embedded at build time: the report, the
// comparison and the dashboard share charts, tables, texts and style. Pure functions.

#include <string>
#include <string_view>

namespace boom::report {

// Scripts declare members of one global `boom` and must be loaded in this order: Texts, Charts,
// Tables, then the page's own.
enum class PagePart { Texts, Charts, Tables, Report, Compare, Style, Template };
[[nodiscard]] std::string_view page_part(PagePart part);

struct Page {
    std::string title, heading, subtitle;  // plain text
    PagePart script = PagePart::Report;
    std::string_view entry;  // the member of `boom` whose render(element, data) fills the page
    std::string data;        // JSON
};
// One file with everything in it.
[[nodiscard]] std::string make_page(const Page& page);

[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace boom::report
