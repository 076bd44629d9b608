# A step in eight parts needs less than half of the memory of one that takes the batch whole.
source "$(dirname "$0")/setup.sh"
cd "$work"
for entry in in_parts every_fourth; do
  sed "s/\"entries\": .*/\"entries\": [\"$entry\"]/" "$here/train/accumulation.json" >"$entry.json"
  "$GRAPHC" build "$entry.json" --target=native -o lib
  sed -n 's/^#define ACCUMULATION_CONTEXT_BYTES_MAX //p' lib/accumulation.h >"$entry"
done
[ "$(cat in_parts)" -gt 0 ] && [ $((2 * $(cat in_parts))) -lt "$(cat every_fourth)" ] ||
  fail "in parts $(cat in_parts) bytes, whole $(cat every_fourth)"
