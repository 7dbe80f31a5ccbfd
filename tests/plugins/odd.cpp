// Classes that go wrong, one way each, and those that look at what layerctl hands over.
#include <layerctl/plugin.hpp>

#include <stdexcept>

namespace {

using namespace layerctl::plugin;

class Same : public Layer {
public:
    explicit Same(const Config&) {}
    std::vector<Spec> outputs(const std::vector<Spec>& in) const override { return {in[0]}; }
    void call(const Call& call) const override {
        map(call.input(), call.output(), [](auto x) { return x; });
    }
};

struct ThrowsInCreate : Same {
    explicit ThrowsInCreate(const Config& config) : Same(config) { throw std::runtime_error("no such luck"); }
};

struct RefusesConfig : Same {
    explicit RefusesConfig(const Config& config) : Same(config) {
        throw Failure(LAYERCTL_BAD_CONFIG, "wanted another " + config.text("mode") + " for " + config.layer_name());
    }
};

struct AsksForMore : Same {
    explicit AsksForMore(const Config& config) : Same(config) { config.number("beta"); }
};

struct ThrowsInOutputs : Same {
    using Same::Same;
    std::vector<Spec> outputs(const std::vector<Spec>&) const override { throw 42; }
};

struct ThrowsInCall : Same {
    using Same::Same;
    void call(const Call&) const override { throw Failure(LAYERCTL_BAD_INPUT, "wanted other numbers"); }
};

struct NegativeShape : Same {
    using Same::Same;
    std::vector<Spec> outputs(const std::vector<Spec>&) const override { return {{{2, -7}}}; }
};

struct NoOutputs : Same {
    using Same::Same;
    std::vector<Spec> outputs(const std::vector<Spec>&) const override { return {}; }
};

struct NeverKnown : Same {
    using Same::Same;
    std::vector<Spec> outputs(const std::vector<Spec>&) const override { return {{{unknown, unknown}}}; }
};

/// Announces something else once the batch is known.
struct ChangesItsMind : Same {
    using Same::Same;
    std::vector<Spec> outputs(const std::vector<Spec>& in) const override {
        if (in[0].shape[0] == unknown) return {in[0]};
        return {{in[0].shape, LAYERCTL_INT32}};
    }
};

struct TwiceTheName : Same {
    using Same::Same;
    std::vector<Weight> weights(const std::vector<Spec>&) const override { return {{"w", {1}}, {"w", {2}}}; }
};

struct UnknownInitializer : Same {
    using Same::Same;
    std::vector<Weight> weights(const std::vector<Spec>&) const override { return {{"w", {1}, "guesswork"}}; }
};

/// Fails unless everything a config may hold arrives as it is.
class ReadsAll final : public Same {
public:
    static constexpr const char* keys =
        R"({"flag": false, "count": 1, "rate": 0.5, "mode": "a", "sizes": [1, 2], "rates": [0.5], "other": "not null"})";

    explicit ReadsAll(const Config& config) : Same(config) {
        require(config.boolean("flag"), "flag");
        require(config.integer("count") == 7, "count");
        require(config.number("rate") == 0.25, "rate");
        require(config.text("mode") == "b", "mode");
        require(config.integers("sizes") == Dims{3, 4, 5}, "sizes");
        require(config.numbers("rates") == std::vector<double>{1, 1.5}, "rates");
        require(config.is_null("other") && !config.is_null("flag"), "other");
        require(std::string(config.json()).find("\"count\": 7") != std::string::npos, config.json());
        require(config.keras() == 3 && config.compute_dtype() == LAYERCTL_FLOAT32, "dtype");
    }

private:
    static void require(bool condition, const char* what) {
        if (!condition) throw Failure(LAYERCTL_FAILED, what);
    }
};

/// a - b.
class Difference final : public Same {
public:
    using Same::Same;

    void call(const Call& call) const override {
        with_float(call.input().dtype(), [&](auto zero) {
            using T = decltype(zero);
            const T* a = call.input(0).values<T>();
            std::transform(a, a + call.input(0).size(), call.input(1).values<T>(), call.output().values<T>(),
                           [](T x, T y) { return x - y; });
        });
    }
};

/// The mask of (batch, time, features) as integers; 9 where there is none.
class ShowsMask final : public Same {
public:
    using Same::Same;

    std::vector<Spec> outputs(const std::vector<Spec>& in) const override {
        return {{{in[0].shape[0], in[0].shape[1]}, LAYERCTL_INT32}};
    }

    void call(const Call& call) const override {
        const Tensor mask = call.mask();
        std::int32_t* shown = call.output().values<std::int32_t>();
        for (std::int64_t i = 0; i < call.output().size(); ++i)
            shown[i] = mask.has_value() ? mask.values<bool>()[i] : 9;
    }
};

void fails(const Tensor&, const Output&) { throw std::logic_error("never right"); }

}  // namespace

const layerctl_plugin* layerctl_plugin_entry() {
    static const Plugin plugin(
        {layer<ThrowsInCreate>("ThrowsInCreate"), layer<RefusesConfig>("RefusesConfig").config(R"({"mode": null})"),
         layer<AsksForMore>("AsksForMore").config(R"({"alpha": 1.0})"), layer<ThrowsInOutputs>("ThrowsInOutputs"),
         layer<ThrowsInCall>("ThrowsInCall"), layer<NegativeShape>("NegativeShape"), layer<NoOutputs>("NoOutputs"),
         layer<NeverKnown>("NeverKnown"), layer<ChangesItsMind>("ChangesItsMind"), layer<TwiceTheName>("TwiceTheName"),
         layer<UnknownInitializer>("UnknownInitializer"),
         layer<ReadsAll>("ReadsAll").config(ReadsAll::keys).ignore(R"(["note"])"),
         layer<Difference>("Difference").inputs(R"(["a", "b"])"), layer<ShowsMask>("ShowsMask"),
         layer<Same>("Passes").passes_mask(), layer<Same>("Stops"), layer<Same>("Softmax")},
        {activation<fails>("fails")});
    return plugin.table();
}
