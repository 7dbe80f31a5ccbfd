// StackedRNNCells: cells one on the other, each fed with the output of the one before.
#include "engine/layers/rnn/cell.hpp"
#include "engine/layers/wrapped_layers.hpp"
#include "models/object_names.hpp"

namespace layerctl {
namespace {

class StackedRNNCells final : public Cell {
    WrappedLayers cells;
    std::vector<std::string> prefixes;  // of the weights: "cells/lstm_cell_1", as Keras numbers what is in a list

    void config(ConfigIo& io) override {
        cells.set_context(context());
        io.required("cells", cells,
                    [](const WrappedLayers& list) { return list.size() > 0 ? nullptr : "one cell or more"; });
        io.only("reverse_state_order", false);
        ObjectNames names;
        prefixes.clear();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (cells[i].has_value()) cell(i);
            prefixes.push_back("cells/" + names.next(cells[i].class_name()));
        }
    }

    const Cell& cell(std::size_t i) const { return as_cell(*cells[i]); }

    const std::string& prefix(std::size_t i) const { return prefixes[i]; }

    /// The states of all cells, and the inputs of each.
    struct Shapings {
        Shapes states, inputs;
    };
    Shapings shapings(const Shape& x) const {
        Shapings all;
        Shape in = x;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const Shapes own = cell(i).states_of(in);
            all.states.insert(all.states.end(), own.begin(), own.end());
            all.inputs.push_back(in);
            in = cell(i).output_of(in);
        }
        all.inputs.push_back(in);
        return all;
    }

    bool allows_constants() const override { return true; }

    Shapes states_of(const Shape& x) const override { return shapings(x).states; }
    Shape output_of(const Shape& x) const override { return shapings(x).inputs.back(); }

    WeightSpecs weights(const Shapes& in) const override {
        const Shapes inputs = shapings(in[0]).inputs;
        WeightSpecs specs;
        for (std::size_t i = 0; i < cells.size(); ++i)
            for (WeightSpec& spec : cells[i].weights(prefix(i), {inputs[i]})) specs.push_back(std::move(spec));
        return specs;
    }

    std::optional<std::int64_t> macs(const Shapes& in) const override {
        const Shapes inputs = shapings(in[0]).inputs;
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::optional<std::int64_t> own = cell(i).macs({inputs[i]});
            if (!own) return {};
            sum += *own;
        }
        return sum;
    }

    Tensor project(const Tensor& x, const Weights& w) const override { return cell(0).project(x, w.below(prefix(0))); }

    Tensor step(const Tensor& projected, const Weights& w, Tensors& states) const override {
        Tensor x = projected;
        std::size_t at = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const Weights own = w.below(prefix(i));
            if (i > 0) x = cell(i).project(x, own);
            const std::size_t count = cell(i).states_of(x.shape()).size();
            const auto begin = states.begin() + static_cast<std::ptrdiff_t>(at);
            Tensors mine(begin, begin + static_cast<std::ptrdiff_t>(count));
            x = cell(i).step(x, own, mine);
            std::move(mine.begin(), mine.end(), begin);
            at += count;
        }
        return x;
    }
};

LAYERCTL_REGISTER_LAYER(StackedRNNCells);

}  // namespace
}  // namespace layerctl
