// Several relocatable objects as one, as if they had been one from the beginning.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace graphc::package {
/// What is hidden in the objects becomes local: libraries never share a name that is not theirs. nullopt with a
/// sentence in `error`.
std::optional<std::string> joinObjects(std::vector<std::string> objects, std::string &error);
} // namespace graphc::package
