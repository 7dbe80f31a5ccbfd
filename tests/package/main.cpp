// Builds a model, runs it and checks the result by hand; loads the model named on the command line.
#include <cmath>
#include <cstdio>
#include <vector>

#include <layerctl/arrays.hpp>
#include <layerctl/layerctl.hpp>
#include <layerctl/xtensor.hpp>

namespace {

using namespace layerctl;

bool predicts() {
    Sequential net("net");
    net.input({2}).add("Dense", {{"units", 1}});
    const Tensor kernel = Tensor::from<float>({2, 1}, std::vector<float>{3, 4});
    const Tensor bias = Tensor::from<float>({1}, std::vector<float>{5});
    const Model model = net.build().set_weights({kernel, bias});

    const xt::xarray<float> x = {{1.F, 1.F}, {2.F, -1.F}};
    const Tensor y = model.predict({tensor_from_xtensor(x)}).front();
    const auto values = view_as_xtensor<float>(y);
    return values.dimension() == 2 && values(0, 0) == 12.F && values(1, 0) == 7.F;
}

bool reports_errors() {
    try {
        Model::load("no such file.h5");
    } catch (const Error& error) {
        return error.code() == Code::io;
    }
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const Model model = Model::load(argv[1]);
    std::printf("%s: %lld parameters\n", model.name().c_str(), static_cast<long long>(model.count_params()));
    return predicts() && reports_errors() && model.count_params() > 0 ? 0 : 1;
}
