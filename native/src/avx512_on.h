// From here on functions may use AVX-512, as processors have had it since Ice Lake and Zen 4, until avx512_off.h. Included once for each such
// part: no guard. Older ones slow down where 512 bits are used.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512vbmi,avx512vbmi2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx512vbmi,avx512vbmi2")
// Its own functions for these instructions leave unset what they do not use.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
