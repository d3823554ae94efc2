"""Takes a message from one ring of a named slab and puts it into another: slab_peer.py NAME FROM TO DTYPE (the text of numpyDtype)."""
import ast, mmap, platform, struct, sys, time
import numpy

name, source, target, text = sys.argv[1:]
dtype = numpy.dtype(ast.literal_eval(text))
# Python has no atomic stores. These processors show plain ones to others in the order in which they were made.
assert platform.machine() in ('x86_64', 'AMD64'), 'stores may be seen out of order here'
with open(f'/dev/shm/metabonk-{name}', 'r+b') as file:
    slab = mmap.mmap(file.fileno(), 0)
magic, version, order, regions = struct.unpack_from('<4I', slab)
assert (magic, version, order) == (0x424C534D, 2, 0x01020304), 'no slab of this version'

def ring(wanted):
    """The header words of the ring in the region of that name, and its records. Word 16 is the tail, word 32 the head."""
    entries = [64 + 192 * i for i in range(regions)]
    at = next(at for at in entries if slab[at:at + 64].rstrip(b'\0').decode() == wanted)
    first = int(struct.unpack_from('<d', slab, at + 80)[0])
    words = numpy.frombuffer(slab, '<u4', 64, first)
    assert list(words[:4]) == [0x474E524D, 1, 0, dtype.itemsize], f'{wanted} is no ring of such records'
    return words, numpy.frombuffer(slab, dtype, int(words[4]), first + 256)

words, records = ring(source)
while words[16] == words[32]:
    time.sleep(0.001)
record = records[words[32] % words[4]].copy()
words[32:33] += 1  # The head moves when the record is read.
print({field: record[field].tolist() for field in dtype.names})

words, records = ring(target)
while (words[16:17] - words[32:33])[0] == words[4]:
    time.sleep(0.001)
records[words[16] % words[4]] = record
words[16:17] += 1  # The tail moves last: it publishes the record.
