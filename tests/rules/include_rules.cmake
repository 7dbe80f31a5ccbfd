# Who may include whom (docs/architecture.md, section 1). Run as: cmake -DROOT=<source folder> -P include_rules.cmake
cmake_minimum_required(VERSION 3.25)

# A file belongs to the first of these that its path begins with.
set(rooms models formats engine/ops engine/expressions engine/bytecode engine/initializers engine/layers engine/layouts engine/kernels engine/graph engine/plan engine/exec engine api cli)

# A room may include itself and these.
set(models_may)
set(formats_may models)
set(engine/ops_may models)
set(engine/initializers_may models engine engine/ops)
set(engine/expressions_may models engine/ops)
set(engine/bytecode_may models engine/ops engine/expressions)
set(engine/layers_may models engine engine/ops engine/expressions engine/bytecode)
set(engine/layouts_may models engine engine/ops)
set(engine/graph_may models engine engine/layouts)
set(engine/kernels_may models engine engine/ops)
set(engine/plan_may models engine engine/graph engine/kernels)
set(engine/exec_may models engine engine/ops engine/graph engine/plan)
set(engine_may models engine/initializers engine/ops)
set(api_may models formats engine engine/initializers engine/ops engine/expressions engine/bytecode engine/layers engine/graph engine/plan engine/exec)
set(cli_may api models)

# Headers from outside, as <pattern>, and the files that may include them.
set(third_party
  "^nlohmann/json_fwd\\.hpp$" "^cli/"
  "^nlohmann/" "^(formats|api|cli)/.*\\.cpp$"
  "^xtensor(-blas)?/" "^(engine/ops/(.*\\.cpp|xt\\.hpp)|api/xtensor\\.hpp)$"
  "^cblas\\.h$" "^engine/ops/blas\\.hpp$"
  "^hwy/" "^engine/kernels/simd/(.*\\.cpp|(curves-inl|dispatch)\\.hpp)$"
  "^eigen3/" "^engine/ops/linalg\\.cpp$"
  "^(farmhash\\.h$|highwayhash/|kissfft/)" "^engine/ops/.*\\.cpp$"
  "^(H5|hdf5)" "^formats/h5/"
  "^zip\\.h$" "^formats/.*\\.cpp$"
  "^protozero/" "^(formats|tests)/.*\\.cpp$"
  "^lzf\\.h$" "^formats/h5/.*\\.cpp$"
  "^zlib\\.h$" "^formats/(h5|zip)/.*\\.cpp$"
  "^openssl/" "^api/sha256\\.cpp$"
  "^CLI/" "^cli/main\\.cpp$"
  "^dlfcn\\.h$" "^(api/plugins/library|engine/ops/blas)\\.cpp$"
  "^sched\\.h$" "^engine/ops/threads\\.cpp$"
  "^std(def|int)\\.h$" "^api/plugin\\.h$"
  "^sys/mman\\.h$" "^(models/tensor|(formats|api)/.*)\\.cpp$"
  "^(fcntl|unistd|sys/[a-z]+)\\.h$" "^(formats|api|cli)/.*\\.cpp$")

# Headers of the tree that only .cpp files may include: they bring third-party code with them.
set(cpp_only "engine/ops/xt.hpp" "engine/kernels/simd/curves-inl.hpp" "engine/kernels/simd/dispatch.hpp")

set(problems)

function(complain text)
  set(problems "${problems};${text}" PARENT_SCOPE)
endfunction()

function(find_room path result)
  foreach(room IN LISTS rooms)
    if(path MATCHES "^${room}/")
      set(${result} ${room} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(${result} "" PARENT_SCOPE)
endfunction()

# `header` as written between quotes; without a folder it lies beside the file.
function(check_own file room header)
  if(NOT header MATCHES "/")
    get_filename_component(folder ${file} DIRECTORY)
    set(header ${folder}/${header})
  endif()
  find_room(${header} target)
  if(NOT target STREQUAL room AND NOT target IN_LIST ${room}_may)
    complain("${file}: ${room} may not include ${header}")
  elseif(NOT EXISTS ${ROOT}/${header})
    complain("${file}: there is no ${header}")
  elseif(header IN_LIST cpp_only AND NOT file MATCHES "\\.cpp$")
    complain("${file}: only .cpp files may include ${header}")
  endif()
  set(problems "${problems}" PARENT_SCOPE)
endfunction()

# Headers of the standard library have neither a dot nor a slash in their names.
function(check_foreign file header)
  if(NOT header MATCHES "[./]")
    return()
  endif()
  set(rules ${third_party})
  while(rules)
    list(POP_FRONT rules pattern files)
    if(header MATCHES "${pattern}")
      if(NOT file MATCHES "${files}")
        complain("${file}: <${header}> is not for this file")
      endif()
      set(problems "${problems}" PARENT_SCOPE)
      return()
    endif()
  endwhile()
  complain("${file}: <${header}> is in no rule")
  set(problems "${problems}" PARENT_SCOPE)
endfunction()

function(check_file file)
  find_room(${file} room)
  file(STRINGS ${ROOT}/${file} lines REGEX "^ *# *include +[<\"]")
  foreach(line IN LISTS lines)
    if(line MATCHES "\"([^\"]+)\"")
      check_own(${file} ${room} ${CMAKE_MATCH_1})
    elseif(line MATCHES "<([^>]+)>")
      check_foreign(${file} ${CMAKE_MATCH_1})
    endif()
  endforeach()
  set(problems "${problems}" PARENT_SCOPE)
endfunction()

set(count 0)
foreach(folder models formats engine api cli)
  file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.hpp ${ROOT}/${folder}/*.cpp)
  foreach(file IN LISTS files)
    check_file(${file})
    math(EXPR count "${count} + 1")
  endforeach()
endforeach()

list(REMOVE_ITEM problems "")
if(count EQUAL 0)
  message(FATAL_ERROR "no source files under '${ROOT}'")
endif()
if(problems)
  list(JOIN problems "\n" text)
  message(FATAL_ERROR "${text}")
endif()
message(STATUS "${count} files keep to the table of includes")
