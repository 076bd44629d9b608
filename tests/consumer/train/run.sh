# Builds NAME.json and the program NAME.c beside it, which trains (train.h says what is compared), and runs that:
#   run.sh NAME
# The graphs are the language's examples; where one needs more to be trained (siamese), its file says so.
source "$(dirname "$0")/../setup.sh"
folder=$(cd "$(dirname "$0")" && pwd)
cd "$work"
"$GRAPHC" build "$folder/$1.json" --target=native -o lib
header=$(basename lib/*.h)
"$cc" -Wall -Wextra -Werror -O1 -pthread "$folder/$1.c" -I"$folder" -Ilib "lib/lib${header%.h}.a" -lm -o train
./train || fail "training $1"
