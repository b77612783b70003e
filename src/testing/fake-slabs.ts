const FACTOR = 1.25;
const SMALLEST_BYTES = 96;
const ALIGNMENT_BYTES = 8;
const LARGEST_CHUNK_BYTES = 524_288;

function classes(): number[] {
  const sizes: number[] = [];
  for (let size = SMALLEST_BYTES; size < LARGEST_CHUNK_BYTES / FACTOR; size *= FACTOR) {
    size = Math.ceil(size / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    sizes.push(size);
  }
  return [...sizes, LARGEST_CHUNK_BYTES];
}

const CLASSES = classes();

/** Which of memcached's classes of memory an item of this size would be in. */
export function slabClassOf(bytes: number): number {
  const index = CLASSES.findIndex((size) => bytes <= size);
  return (index === -1 ? CLASSES.length - 1 : index) + 1;
}
