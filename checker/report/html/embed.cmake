# Writes the sources of the HTML view as C++ constants, with their hashes for the page's Content-Security-Policy.
#   cmake -D SOURCE=checker/report/html -D OUTPUT=html_sources.cpp -P embed.cmake
# A script of CMake's and no other tool, so that a build needs nothing more.
cmake_policy(VERSION 3.25)

# In the order in which they use each other; the last one starts the page.
set(scripts dom difference trace diagram rows panel page keys)

# base64 of a hash that is given in hexadecimal digits: three digits are twelve bits and two letters.
function(base64_of_hash hex output)
  set(letters "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(text "")
  # 64 digits are 21 times three and one; two zeros make the last three, and the padding says so.
  string(APPEND hex "00")
  foreach(i RANGE 0 63 3)
    string(SUBSTRING ${hex} ${i} 3 digits)
    math(EXPR high "0x${digits} >> 6")
    math(EXPR low "0x${digits} & 63")
    string(SUBSTRING ${letters} ${high} 1 first)
    string(SUBSTRING ${letters} ${low} 1 second)
    string(APPEND text "${first}${second}")
  endforeach()
  string(SUBSTRING ${text} 0 43 text)
  set(${output} "sha256-${text}=" PARENT_SCOPE)
endfunction()

# Brackets and semicolons mean something to CMake's lists; nothing here is a list.
file(READ ${SOURCE}/trace.html page)
file(READ ${SOURCE}/trace.css style)
set(script "")
foreach(name IN LISTS scripts)
  file(READ ${SOURCE}/${name}.js text)
  string(APPEND script "${text}")
endforeach()
string(SHA256 script_hex "${script}")
string(SHA256 style_hex "${style}")
base64_of_hash(${script_hex} script_hash)
base64_of_hash(${style_hex} style_hash)

set(text "// Written by checker/report/html/embed.cmake.\n#include \"checker/report/html_sources.hpp\"\n\nnamespace mc::html {\n\n")
foreach(constant Page:page Style:style Script:script ScriptHash:script_hash StyleHash:style_hash)
  string(REPLACE ":" ";" pair ${constant})
  list(GET pair 0 name)
  list(GET pair 1 variable)
  string(APPEND text "const std::string_view k${name} = R\"embedded(${${variable}})embedded\";\n\n")
endforeach()
string(APPEND text "}  // namespace mc::html\n")
file(WRITE ${OUTPUT} "${text}")
