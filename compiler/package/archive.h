// archive: one object -> the bytes of a static library without times, owners or modes.
#pragma once
#include <optional>
#include <string>

namespace graphc::package {

std::optional<std::string> archiveBytes(const std::string &object, const std::string &name, std::string &error);

} // namespace graphc::package
