# Installs layerctl into an empty prefix, then configures, builds and runs the project beside this file against it, and
# the template of a plug-in, whose numbers are held against Keras'.
#     cmake -DBUILD=<build tree> -DWORK=<scratch folder> -DMODEL=<model file> -DCOMPILER=<c++>
#           -DTEMPLATE=<docs/plugin> -DCASES=<golden cases of custom> -DNPY_DIFF=<npy_diff> -P run.cmake
function(step)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(build_outside source folder)
  step(${CMAKE_COMMAND} -G Ninja -S ${source} -B ${folder}
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Release)
  step(${CMAKE_COMMAND} --build ${folder})
endfunction()

file(REMOVE_RECURSE ${WORK})
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)

build_outside(${CMAKE_CURRENT_LIST_DIR} ${WORK}/build)
step(${WORK}/build/outside ${MODEL})
step(${WORK}/prefix/bin/layerctl --version)

build_outside(${TEMPLATE} ${WORK}/plugin)
foreach(case linear_k3 rnn_custom_cell_k2 activation_by_name_k3)
  step(${WORK}/prefix/bin/layerctl predict ${CASES}/${case}/model.h5 ${CASES}/${case}/x0.npy
    --plugin ${WORK}/plugin/my_layers.so -o ${WORK}/y.npy)
  step(${NPY_DIFF} ${WORK}/y.npy ${CASES}/${case}/y0.npy)
endforeach()
