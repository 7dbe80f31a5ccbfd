// What the parts of a file, its configs, its arrays and the model they make say, as findings.
#include "api/validate.hpp"

#include <algorithm>
#include <cmath>

#include "api/inspect.hpp"
#include "api/layerctl.hpp"
#include "api/validate/rules.hpp"

namespace layerctl {
namespace {

template <class T>
std::size_t count_non_finite(const Tensor& tensor) {
    const auto values = tensor.values<T>();
    return static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [](T x) { return !std::isfinite(x); }));
}

std::size_t count_non_finite(const Tensor& tensor) {
    if (!is_floating(tensor.dtype())) return 0;
    if (tensor.dtype() == DType::float64) return count_non_finite<double>(tensor);
    return count_non_finite<float>(tensor.cast(DType::float32));
}

bool is_whole_model(const Contents& contents) {
    return std::any_of(contents.parts.begin(), contents.parts.end(), [](const Part& part) {
        return part.path.ends_with("@model_config") || part.path.ends_with("config.json");
    });
}

class Validator {
public:
    explicit Validator(const std::filesystem::path& path) : path_(path), contents_(inspect(path)) {}

    Validation run() {
        for (const Fault& fault : contents_.faults) add(fault);
        for (const Part& part : contents_.parts) look_at(part);
        note_optimizer();
        if (is_whole_model(contents_)) look_at_model();
        return std::move(validation_);
    }

private:
    void add(std::string_view id, std::string place, std::string message) {
        validation_.findings.push_back({&rule(id), std::move(place), std::move(message)});
    }

    void add(const Fault& fault) {
        if (const Rule* rule = rule_of(fault.kind))
            return validation_.findings.push_back({rule, fault.path, fault.message});
        Error problem(fault.kind == Fault::Kind::unsupported ? Code::unsupported : Code::format, fault.message);
        add_problem(std::move(problem), fault.path);
    }

    void add_problem(Error problem, const std::string& place) {
        if (!place.empty()) problem.push_context(place);
        problem.push_context(path_.string());
        keep(std::move(problem));
    }

    /// The same damage may be met on several ways.
    void keep(Error problem) {
        const auto same = [&](const Error& kept) { return std::string_view(kept.what()) == problem.what(); };
        if (std::none_of(validation_.problems.begin(), validation_.problems.end(), same))
            validation_.problems.push_back(std::move(problem));
    }

    /// A part that turns out to be too large or damaged when it is read.
    template <class Action>
    void attempt(const std::string& place, Action&& action) {
        try {
            action();
        } catch (const Error& error) {
            for (const Error& problem : error.problems())
                add(Fault{fault_kind(problem.code()), place, problem.message()});
        }
    }

    void look_at(const Part& part) {
        if (part.use == Part::Use::config && part.text)
            attempt(part.path, [&] { check_config(part.text(), part.path, validation_.findings); });
        if (part.use != Part::Use::weights || !part.read) return;
        attempt(part.path, [&] {
            const Tensor tensor = part.read();
            if (const std::size_t count = count_non_finite(tensor); count > 0)
                add("LC009", part.path, cat(count, " of ", tensor.elements(), " elements are not finite"));
        });
    }

    void note_optimizer() {
        const std::uint64_t bytes = bytes_by_use(contents_).optimizer;
        if (bytes > 0) add("LC014", "", cat(bytes, " bytes"));
    }

    /// The file can be read whole, as far as is known.
    bool is_sound() const {
        return validation_.problems.empty() &&
               std::none_of(validation_.findings.begin(), validation_.findings.end(), [](const Finding& finding) {
                   constexpr std::string_view breaking[] = {"LC003", "LC004", "LC005", "LC007", "LC010", "LC011"};
                   return std::find(std::begin(breaking), std::end(breaking), finding.rule->id) != std::end(breaking);
               });
    }

    /// The model is built on paper. What is wrong with a file that cannot be read whole has been said already.
    void look_at_model() {
        const bool sound = is_sound();
        try {
            const Model model = Model::describe(path_);
            for (const Error& problem : model.problems()) add_model_problem(problem);
        } catch (const Error& error) {
            if (!sound) return;
            for (const Error& problem : error.problems()) add_model_problem(problem);
        }
    }

    /// Layers that only their author knows are no finding: LC002 names them.
    void add_model_problem(const Error& problem) {
        if (problem.code() == Code::unsupported) return;
        const std::string_view id = problem.code() == Code::weights   ? "LC013"
                                    : problem.code() == Code::refused ? "LC004"
                                                                      : "";
        if (id.empty()) return keep(problem);
        std::string place;
        for (std::size_t i = 1; i < problem.context().size(); ++i)
            place += (place.empty() ? "" : ": ") + problem.context()[i];
        add(id, place, problem.message());
    }

    std::filesystem::path path_;
    Contents contents_;
    Validation validation_;
};

/// A pickle is no file of Keras' and a finding all the same.
Validation validate_all(const std::filesystem::path& path) {
    try {
        return Validator(path).run();
    } catch (const Error& error) {
        if (error.code() != Code::refused) throw;
        return {{{&rule("LC007"), "", error.message()}}, {}};
    }
}

}  // namespace

bool Validation::has_findings() const {
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.rule->severity != Severity::note; });
}

Validation validate(const std::filesystem::path& path, const ValidateOptions& options) {
    for (const std::string& id : options.only) rule(id);
    for (const std::string& id : options.ignore) rule(id);
    Validation all = validate_all(path);
    std::erase_if(all.findings, [&](const Finding& finding) {
        const auto holds = [&](const std::vector<std::string>& ids) {
            return std::find(ids.begin(), ids.end(), finding.rule->id) != ids.end();
        };
        return (!options.only.empty() && !holds(options.only)) || holds(options.ignore);
    });
    std::stable_sort(all.findings.begin(), all.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.rule->id < b.rule->id; });
    return all;
}

}  // namespace layerctl
