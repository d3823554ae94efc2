// From here on functions may use AVX2, until avx2_off.h. Included once for each such part: no guard.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
