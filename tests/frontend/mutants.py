# Damaged graphs: graphc check of any text ends by itself with 0 or 1 and says why, whatever bytes or tokens were changed. Seeds are
# fixed: the same arguments make the same mutants.
#   mutants.py GRAPHC COUNT FILE...      a .json file, or a .test file with graphs in its split-file parts
import json, os, random, re, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

seconds = 10
token = re.compile(rb'"(?:\\.|[^"\\])*"|[-+0-9.eE]+|[A-Za-z_]+|\S')


def graphs(path):
    text = open(path, 'rb').read()
    if path.endswith('.json'):
        return [text]
    parts = re.split(rb'^//--- (\S+)\n', text, flags=re.M)
    return [body for name, body in zip(parts[1::2], parts[2::2]) if name.endswith(b'.json')]


def change_bytes(text, rng):
    text = bytearray(text)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(4)
        if kind == 0 and at < len(text):
            text[at] = rng.randrange(256)
        elif kind == 1:
            text[at:at] = bytes([rng.choice(b'{}[]",:\\0-9eE.+*/()<>=!$?\x00\xff\x7f ')])
        elif kind == 2:
            del text[at:at + rng.choice([1, 1, 3, 40])]
        else:
            begin = rng.randrange(len(text) + 1)
            text[at:at] = text[begin:begin + rng.randrange(1, 60)]
    return bytes(text)


words = [b'-1', b'0', b'1', b'9223372036854775807', b'-9223372036854775808', b'1e400', b'0.5', b'null', b'true', b'[]', b'{}', b'""',
         b'"x"', b'"in"', b'"f32[]"', b'"f32[0]"', b'"f32[B]"', b'"f32[4611686018427387904, 4]"', b'"?t[..., ?n]"', b'"i8[3]"',
         b'"bool[2]"', b'"softmax(x, axis=9)"', b'"x / 0"', b'"-x"', b'"not x"', b'"size(x, 0)"', b'"nan"', b'"$op"', b'"std:x"', b'"a.b.c"',
         b'"normal(1e308)"', b'"(((((((x)))))))"', b'{"type": "f32[2]", "value": [1, 2]}', b'{"min": 1, "max": 4}']


def change_tokens(text, rng):
    tokens = [m.span() for m in token.finditer(text)]
    if not tokens:
        return text
    pick = lambda: text[slice(*rng.choice(tokens))]
    changes = []
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        begin, end = rng.choice(tokens)
        kind = rng.randrange(5)
        new = [pick(), rng.choice(words), b'', text[begin:end] + b' ' + text[begin:end], None][kind]
        if new is None: # inside a string: one formula, type or name takes a part of another
            inside, other = text[begin:end], pick()
            cut = rng.randrange(len(inside) + 1)
            new = inside[:cut] + other.strip(b'"')[:rng.randrange(1, 12)] + inside[cut:]
        changes.append((begin, end, new))
    for begin, end, new in sorted(changes, reverse=True):
        text = text[:begin] + new + text[end:]
    return text


def run(graphc, folder, name, text):
    path = os.path.join(folder, 'net%s.json' % name)
    with open(path, 'wb') as f:
        f.write(text)
    try:
        done = subprocess.run([graphc, 'check', path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds)
    except subprocess.TimeoutExpired:
        return 'runs longer than %d s' % seconds
    finally:
        os.remove(path)
    if done.returncode not in (0, 1):
        return 'exit %d: %s' % (done.returncode, done.stdout.decode('utf-8', 'replace').strip()[-400:])
    if done.returncode == 1 and b'error' not in done.stdout:
        return 'exit 1 without an error'
    return None


def main():
    graphc, count, files = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    sources = [(os.path.basename(path), text) for path in sorted(files) for text in graphs(path)]
    bad = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        jobs = []
        for i in range(count):
            rng = random.Random('mutant %d' % i)
            origin, text = sources[i % len(sources)]
            mutant = change_bytes(text, rng) if rng.random() < 0.3 else change_tokens(text, rng)
            jobs.append((i, origin, mutant, pool.submit(run, graphc, folder, i, mutant)))
        for i, origin, mutant, job in jobs:
            if job.result() is None:
                continue
            bad += 1
            keep = os.environ.get('KEEP_MUTANTS')
            if keep:
                with open(os.path.join(keep, 'mutant%d.json' % i), 'wb') as f:
                    f.write(mutant)
            print('mutant %d of %s: %s' % (i, origin, job.result()))
    print('%d mutants of %d graphs, %d bad' % (count, len(sources), bad))
    sys.exit(1 if bad or not sources else 0)


main()
