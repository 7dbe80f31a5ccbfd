// Tables of the summary that no recording covers; those are compared by tests/golden.
#include <catch2/catch.hpp>
#include <string>

#include "api/layerctl.hpp"
#include "api/summary/rich_table.hpp"

using namespace layerctl;

TEST_CASE("wide characters take two cells of a table") {
    const std::string text =
        draw_rich_table({{"名", Align::left, 8}, {"n", Align::right, 4}}, {{"漢字の名前です", "1,024"}}, 19, 80);
    CHECK(text ==
          "┏━━━━━━━━━━┳━━━━━━┓\n"
          "┃ 名       ┃    n ┃\n"
          "┡━━━━━━━━━━╇━━━━━━┩\n"
          "│ 漢字の … │ 1,0… │\n"
          "└──────────┴──────┘\n");
}

TEST_CASE("a table is cut at the terminal's edge, a long title is folded") {
    CHECK(draw_rich_table({{"name", Align::left, 8}}, {{"dense"}}, 11, 6) ==
          "┏━━━━━\n┃ name\n┡━━━━━\n│ dens\n└─────\n");
    CHECK(draw_rich_text("Model: \"abcdefghijk\"", 8) == "Model: \n\"abcdefg\nhijk\"\n");
}

TEST_CASE("a width without room for the columns is refused") {
    Sequential net("net");
    net.input({3});
    const Model model = net.build();
    SummaryOptions narrow;
    narrow.width = 8;
    for (const auto style : {SummaryOptions::Style::keras2, SummaryOptions::Style::keras3}) {
        narrow.style = style;
        CHECK_THROWS_AS(model.summary(narrow), Error);
    }
}
