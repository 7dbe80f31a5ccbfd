#include "engine/kernels/workers.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "api/layerctl.hpp"
#include "api/threads.hpp"

using namespace layerctl;

TEST_CASE("every part of every job is done once, whoever does it") {
    Workers workers(4);
    CHECK(workers.count() == 4);
    std::vector<int> done(1000);
    for (std::size_t job = 0; job < 2000; ++job) {
        const std::size_t parts = job % 7;
        workers.share(parts, [&](std::size_t i) { done[i] += 1; });
    }
    std::vector<int> wanted(1000);
    for (std::size_t job = 0; job < 2000; ++job)
        for (std::size_t i = 0; i < job % 7; ++i) ++wanted[i];
    CHECK(done == wanted);
}

TEST_CASE("threads that find the workers busy do their work themselves") {
    Workers workers(2);
    std::vector<long> sums(3);
    std::vector<std::thread> callers;
    for (long& sum : sums)
        callers.emplace_back([&] {
            for (int job = 0; job < 500; ++job) {
                std::vector<long> parts(8);
                workers.share(8, [&](std::size_t i) { parts[i] = static_cast<long>(i); });
                sum += std::accumulate(parts.begin(), parts.end(), 0L);
            }
        });
    for (std::thread& caller : callers) caller.join();
    CHECK(sums == std::vector<long>(3, 500L * 28));
}

TEST_CASE("shared work gives the same bits, packing weights included") {
    Sequential net("wide");
    net.input({40, 33});
    net.add("Conv1D", {{"filters", 70}, {"kernel_size", 3}, {"padding", "same"}});
    net.add("LSTM", {{"units", 50}});
    net.add("Dense", {{"units", 1500}});
    net.add("Dense", {{"units", 900}});
    const Model model = net.build(5), same = net.build(5);
    Tensor x(DType::float32, {4, 40, 33});
    float at = 0;
    for (float& value : x.mutable_values<float>()) value = std::sin(at += 0.3F);
    const int before = threads();
    set_threads(1);
    const Tensor alone = model.predict({x}).front();
    set_threads(2);
    const Tensor together = same.predict({x}).front();
    const Tensor one_row = model.predict({x.rows(1, 2)}).front();
    set_threads(before);
    CHECK(identical(alone, together));
    CHECK(one_row.elements() == 900);
}
