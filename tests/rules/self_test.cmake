# The rules must fail on each folder in fixtures/, with the complaint in its expected.txt. Run as: cmake -P self_test.cmake
cmake_minimum_required(VERSION 3.25)

set(here ${CMAKE_CURRENT_LIST_DIR})
file(GLOB fixtures ${here}/fixtures/*/expected.txt)
if(NOT fixtures)
  message(FATAL_ERROR "no fixtures")
endif()
foreach(expected IN LISTS fixtures)
  get_filename_component(fixture ${expected} DIRECTORY)
  file(STRINGS ${expected} lines)
  list(POP_FRONT lines rule complaint)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DROOT=${fixture} -DGOLDEN=${fixture}/golden -P ${here}/${rule}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  string(FIND "${output}" "${complaint}" at)
  if(result EQUAL 0 OR at EQUAL -1)
    message(FATAL_ERROR "${fixture}: wanted '${complaint}', found: ${output}")
  endif()
endforeach()
