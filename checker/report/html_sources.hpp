// The sources of the HTML view as the program carries them. Their definitions are written by html/embed.cmake.
#pragma once

#include <string_view>

namespace mc::html {

extern const std::string_view kPage;    ///< html/trace.html
extern const std::string_view kStyle;   ///< html/trace.css
extern const std::string_view kScript;  ///< the scripts of html/, in the order in which they use each other

/// "sha256-..." of the text above it, as a Content-Security-Policy names it.
extern const std::string_view kScriptHash;
extern const std::string_view kStyleHash;

}  // namespace mc::html
