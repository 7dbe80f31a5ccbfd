#include "engine/bytecode/fits.hpp"

#include <algorithm>
#include <map>

#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

/// Follows all ways through the steps with nothing on the stack but places.
class Walk {
public:
    Walk(const CodeObject& code, Python version, const Steps& steps) : code_(code), version_(version), steps_(steps) {}

    /// The greatest depth of the stack.
    std::size_t run() {
        ways_.push_back({0, {}});
        while (!ways_.empty()) {
            Way way = std::move(ways_.back());
            ways_.pop_back();
            follow(std::move(way));
        }
        check_all_reached();
        return deepest_;
    }

private:
    enum class Place : char { value, null };
    using Stack = std::vector<Place>;
    struct Way {
        std::size_t at;
        Stack stack;
    };

    void follow(Way way) {
        stack_ = std::move(way.stack);
        for (std::size_t at = way.at;;) {
            if (at >= steps_.steps.size()) misfit("the code ends without a return");
            const auto [seen, is_new] = depths_.emplace(at, stack_.size());
            if (seen->second != stack_.size()) misfit("the depths of the stack differ");
            if (!is_new) return;
            const Step& step = steps_.steps[at];
            if (step.act == Act::leave || step.act == Act::raise) return end(step);
            if (step.act == Act::jump) {
                at = step.target;
                continue;
            }
            apply(step);
            if (ends_instruction(at)) measure();
            if (step.act == Act::branch) split(step);
            ++at;
        }
    }

    bool ends_instruction(std::size_t at) const {
        return at + 1 == steps_.steps.size() || steps_.steps[at + 1].instruction != steps_.steps[at].instruction;
    }

    void measure() {
        const std::size_t most = static_cast<std::size_t>(code_.stack_size) + (version_ < Python::v3_7 ? 2 : 0);
        deepest_ = std::max(deepest_, stack_.size());
        if (deepest_ > most) misfit("a stack deeper than the function says");
    }

    void end(const Step& step) {
        take(step.act == Act::raise ? step.n : 1);
        if (step.act == Act::leave && !stack_.empty()) misfit("a return with values on the stack");
    }

    void split(const Step& step) {
        Stack other = stack_;
        if (step.keeps) other.push_back(Place::value);
        ways_.push_back({step.target, std::move(other)});
    }

    Place take_any() {
        if (stack_.empty()) misfit("the stack runs empty");
        const Place place = stack_.back();
        stack_.pop_back();
        return place;
    }

    void take(std::size_t n) {
        if (n > stack_.size()) misfit("the stack runs empty");
        for (std::size_t i = 0; i < n; ++i)
            if (take_any() == Place::null) misfit("a marker used as a value");
    }

    void replace(std::size_t taken, std::size_t put) {
        if (put > static_cast<std::size_t>(limits::bytecode_stack)) misfit("a stack of ", put);
        take(taken);
        stack_.insert(stack_.end(), put, Place::value);
    }

    Place& from_top(std::size_t n) {
        if (n == 0 || n > stack_.size()) misfit("a place outside the stack");
        return stack_[stack_.size() - n];
    }

    void take_callable(Null null) {
        if (null == Null::absent) return take(1);
        const bool top_is_null = take_any() == Place::null;
        const bool below_is_null = take_any() == Place::null;
        if (top_is_null == below_is_null) misfit("a call of no callable");
        const bool right = null == Null::beside_callable || top_is_null == (null == Null::above_callable);
        if (!right) misfit("a callable in the wrong place");
    }

    void call(const Step& step) {
        take((step.keywords_on_top ? 1 : 0) + step.n);
        take_callable(step.null);
        stack_.push_back(Place::value);
    }

    void call_unpacked(const Step& step) {
        if (step.dict) take_any();  // a marker where there are no keywords
        take(1);
        take_callable(step.null);
        stack_.push_back(Place::value);
    }

    void rotate(std::size_t n) {
        from_top(n);
        const Place top = take_any();
        stack_.insert(stack_.end() - static_cast<std::ptrdiff_t>(n - 1), top);
    }

    void merge(std::size_t below) {
        take(1);
        if (from_top(below) == Place::null) misfit("a marker used as a value");
    }

    void apply(const Step& step) {
        switch (step.act) {
            case Act::nothing:
            case Act::set_keywords:
            case Act::delete_local: return;
            case Act::load_local:
            case Act::load_constant:
            case Act::load_global:
            case Act::load_free: return replace(0, 1);
            case Act::load_null: return stack_.push_back(Place::null);
            case Act::load_attribute:
            case Act::unary:
            case Act::to_tuple: return replace(1, 1);
            case Act::import_module:
            case Act::binary:
            case Act::update: return replace(2, 1);
            case Act::import_member: return replace(1, 2);
            case Act::call: return call(step);
            case Act::call_in_pairs:
                return replace(1 + step.n + 2 * step.m + (step.list ? 1 : 0) + (step.dict ? 1 : 0), 1);
            case Act::call_unpacked: return call_unpacked(step);
            case Act::pop: return static_cast<void>(take_any());
            case Act::copy: return stack_.push_back(from_top(step.n));
            case Act::swap: return std::swap(from_top(1), from_top(step.n));
            case Act::rotate: return rotate(step.n);
            case Act::make_tuple:
            case Act::make_list:
            case Act::make_slice:
            case Act::join_lists:
            case Act::join_dicts: return replace(step.n, 1);
            case Act::make_dict: return replace(2 * step.n, 1);
            case Act::make_keyed_dict: return replace(step.n + 1, 1);
            case Act::extend_list:
            case Act::merge_dict: return merge(step.n);
            case Act::slice_of: return replace(1 + (step.n & 1) + (step.n >> 1), 1);
            case Act::unpack: return replace(1, step.n);
            case Act::store_local:
            case Act::branch: return take(1);
            case Act::jump:
            case Act::raise:
            case Act::leave: break;
        }
        fail(Code::internal, "a step without an effect");
    }

    /// Compilers before 3.10 leave a return behind one that always comes first.
    void check_all_reached() const {
        std::vector<bool> reached(steps_.instructions);
        for (const auto& [at, depth] : depths_) reached[steps_.steps[at].instruction] = true;
        for (const Step& step : steps_.steps) {
            const bool left_over = step.act == Act::leave || step.act == Act::jump || step.act == Act::load_constant;
            if (!reached[step.instruction] && (version_ >= Python::v3_10 || !left_over))
                misfit("an instruction that is never reached");
        }
    }

    const CodeObject& code_;
    Python version_;
    const Steps& steps_;
    std::map<std::size_t, std::size_t> depths_;  // of the stack before a step
    std::vector<Way> ways_;
    Stack stack_;
    std::size_t deepest_ = 0;
};

std::vector<Python> versions_of(Layout layout) {
    switch (layout) {
        case Layout::python2_7: return {Python::v2_7};
        case Layout::python3_5: return {Python::v3_5, Python::v3_6, Python::v3_7};
        case Layout::python3_8: return {Python::v3_8, Python::v3_9, Python::v3_10};
        case Layout::python3_11: return {Python::v3_11, Python::v3_12, Python::v3_13, Python::v3_14, Python::v3_15};
    }
    fail(Code::internal, "a layout of no version");
}

/// Since 3.11 a function begins with RESUME, behind what sets up its captured variables.
void check_beginning(const CodeObject& code, const std::vector<Instruction>& instructions) {
    if (code.free.empty() == (instructions[0].name == "COPY_FREE_VARS"))
        misfit("captured variables without their set-up");
    constexpr std::string_view set_up[] = {"COPY_FREE_VARS", "MAKE_CELL", "RETURN_GENERATOR", "POP_TOP"};
    const auto first = std::find_if(instructions.begin(), instructions.end(), [&](const Instruction& instruction) {
        return std::find(std::begin(set_up), std::end(set_up), instruction.name) == std::end(set_up);
    });
    if (first == instructions.end() || first->name != "RESUME") misfit("no RESUME");
}

void check_end(const Instruction& last) {
    for (const std::string_view name : {"RETURN", "JUMP", "RERAISE", "RAISE_VARARGS"})
        if (last.name.starts_with(name)) return;
    misfit("no return at the end");
}

Fit fit(const Reading& reading, Python version, Damage damage) {
    const CodeObject& code = reading.code();
    const std::vector<Instruction> instructions = instructions_of(code, version, damage);
    if (!lines_fit(code, version)) misfit("a table of lines for other instructions");
    if (version >= Python::v3_11) check_beginning(code, instructions);
    check_end(instructions.back());
    Fit fit{version, reading, {}};
    try {
        refuse_forbidden(code, instructions);
        fit.steps = steps_of(code, version, instructions);
    } catch (const Refused& refused) {
        fit.refusal = refused.refusal;
        fit.forbidden = refused.refusal.category != Category::instruction;
        return fit;
    }
    const std::size_t deepest = Walk(code, version, fit.steps).run();
    fit.score = deepest == static_cast<std::size_t>(code.stack_size) ? 2 : 1;
    return fit;
}

std::vector<Fit> fits(const std::vector<Reading>& readings, Damage damage, std::string& misfits) {
    std::vector<Fit> fitting;
    for (const Reading& reading : readings)
        for (const Python version : versions_of(reading.code().layout)) {
            try {
                fitting.push_back(fit(reading, version, damage));
            } catch (const Misfit& wrong) {
                misfits += cat(misfits.empty() ? "" : "; ", name_of(version), ": ", wrong.reason);
            }
        }
    return fitting;
}

}  // namespace

std::vector<Fit> fits_of(std::string_view bytes) {
    if (bytes.size() > limits::bytecode_bytes)
        refuse(Category::format, "a function of more than ", limits::bytecode_bytes, " bytes");
    std::vector<Reading> readings = readings_of(bytes);
    if (readings.empty()) readings = repaired_readings_of(bytes);
    if (readings.empty()) refuse(Category::format, "the bytes are no function of Python 2.7 or 3.5 to 3.15");
    std::string misfits, ignored;
    std::vector<Fit> fitting = fits(readings, Damage::none, misfits);
    if (fitting.empty()) fitting = fits(readings, Damage::windows, ignored);
    if (fitting.empty()) refuse(Category::format, "the bytes fit no version of Python (", misfits, ")");
    std::stable_sort(fitting.begin(), fitting.end(), [](const Fit& a, const Fit& b) { return a.score > b.score; });
    return fitting;
}

}  // namespace layerctl::bytecode
