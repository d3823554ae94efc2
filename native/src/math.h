/**
 * Twin of runtime/math: the same functions with the same bits, from + - * / and sqrt only. Every expression is written in the
 * order of its TypeScript original, which is the specification; compile with -ffp-contract=off.
 */
#pragma once

#include <cstdint>
#include <cstring>

namespace metabonk::math {

inline constexpr double infinity = __builtin_inf();
inline const double notANumber = __builtin_nan("");

/** Second results of a thread: the low part of a double-double or a split-off power, and the quadrant of an angle. */
struct Scratch {
  double second;
  double quadrant;
};

inline thread_local Scratch scratch{0, 0};

inline std::uint64_t bitsOf(double x) {
  std::uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

inline double ofBits(std::uint64_t bits) {
  double x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

inline std::uint32_t highWord(double x) { return static_cast<std::uint32_t>(bitsOf(x) >> 32); }

/** The largest integer not above x, for |x| < 2^62; larger numbers are integers. */
inline double floorOf(double x) {
  if (!(x > -4.611686018427388e18 && x < 4.611686018427388e18)) return x;
  const double whole = static_cast<double>(static_cast<std::int64_t>(x));
  return whole > x ? whole - 1 : whole;
}

inline bool isNegative(double x) { return (bitsOf(x) >> 63) != 0; }

inline double withSign(double x, double sign) { return isNegative(x) == isNegative(sign) ? x : -x; }

inline double clearLow(double x) { return ofBits(bitsOf(x) & 0xffffffff00000000u); }

inline double twoTo(double power) {
  return ofBits(static_cast<std::uint64_t>(static_cast<std::int64_t>(power) + 1023) << 52);
}

inline int exponentOf(double x) { return static_cast<int>((highWord(x) >> 20) & 0x7ff) - 1023; }

/** Splits a finite positive number into m * 2^k with m in [sqrt(1/2), sqrt(2)); k is the second result. */
inline double splitNear1(double x) {
  double power = 0;
  std::uint64_t bits = bitsOf(x);
  if ((bits >> 32) < 0x00100000u) {
    bits = bitsOf(x * 18014398509481984.0);
    power = -54;
  }
  const std::uint32_t high = static_cast<std::uint32_t>(bits >> 32) + (0x3ff00000u - 0x3fe6a09eu);
  scratch.second = power + (high >> 20) - 1023;
  return ofBits((static_cast<std::uint64_t>((high & 0xfffffu) + 0x3fe6a09eu) << 32) | (bits & 0xffffffffu));
}

inline double scale(double y, double k) {
  double result = y;
  double power = k;
  if (power > 1023) {
    result = result * 8.98846567431158e307;
    power = power - 1023;
    if (power > 1023) {
      result = result * 8.98846567431158e307;
      power = power > 2046 ? 1023 : power - 1023;
    }
  } else if (power < -1022) {
    result = result * 2.004168360008973e-292;
    power = power + 969;
    if (power < -1022) {
      result = result * 2.004168360008973e-292;
      power = power < -1991 ? -1022 : power + 969;
    }
  }
  return result * twoTo(power);
}

inline double cubeRootGuess(double x) {
  return ofBits(static_cast<std::uint64_t>(highWord(x) / 3 + 715094163u) << 32);
}

inline namespace dd_family {

/**
 * Double-double arithmetic: a value is the unevaluated sum of two f64. Functions return the high part and leave the low part
 * in `second`. Source: Dekker, "A floating-point technique for extending the available precision", 1971. No fused operations.
 */

inline constexpr double splitter = 134217729;

/** a + b exactly, for |a| >= |b| or a = 0. */
inline double fastTwoSum(double a, double b) {
  const double sum = a + b;
  scratch.second = b - (sum - a);
  return sum;
}

/** a + b exactly. */
inline double twoSum(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  scratch.second = a - (sum - part) + (b - part);
  return sum;
}

/** a * b exactly, for factors below 2^996. */
inline double twoProduct(double a, double b) {
  const double product = a * b;
  const double bigA = splitter * a;
  const double highA = bigA - (bigA - a);
  const double lowA = a - highA;
  const double bigB = splitter * b;
  const double highB = bigB - (bigB - b);
  const double lowB = b - highB;
  scratch.second = highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
  return product;
}

/** (aHigh, aLow) * (bHigh, bLow). */
inline double multiply(double aHigh, double aLow, double bHigh, double bLow) {
  const double product = twoProduct(aHigh, bHigh);
  const double low = scratch.second + (aHigh * bLow + aLow * bHigh);
  return fastTwoSum(product, low);
}

/** (aHigh, aLow) + (bHigh, bLow). */
inline double add(double aHigh, double aLow, double bHigh, double bLow) {
  const double sum = twoSum(aHigh, bHigh);
  const double low = scratch.second + (aLow + bLow);
  return fastTwoSum(sum, low);
}

/** (aHigh, aLow) / (bHigh, bLow). */
inline double divide(double aHigh, double aLow, double bHigh, double bLow) {
  const double quotient = aHigh / bHigh;
  const double product = twoProduct(quotient, bHigh);
  const double rest = aHigh - product - scratch.second + aLow - quotient * bLow;
  return fastTwoSum(quotient, rest / bHigh);
}

/** The square root of (high, low), for high > 0. */
inline double squareRoot(double high, double low) {
  const double root = __builtin_sqrt(high);
  const double square = twoProduct(root, root);
  const double rest = high - square - scratch.second + low;
  return fastTwoSum(root, rest / (root + root));
}

}  // namespace dd_family

inline namespace exponential_family {

inline double expm1Near0(double x);
inline double expm1Shifted(double x, double c, double k);
/** exp and expm1. Reduction by ln 2 in two parts, then a rational approximation on [-ln2/2, ln2/2] (coefficients: Sun fdlibm). */

inline constexpr double ln2High = 6.93147180369123816490e-1;
inline constexpr double ln2Low = 1.90821492927058770002e-10;
inline constexpr double inverseLn2 = 1.44269504088896338700;
inline constexpr double expLargest = 709.782712893383973096;
inline constexpr double expSmallest = -745.133219101941108420;

/** exp(high + low) * 2^shift, for a sum within the range of exp. */
inline double expOfSum(double high, double low, double shift) {
  const double k = floorOf(high * inverseLn2 + 0.5);
  const double reduced = high - k * ln2High;
  const double rest = k * ln2Low - low;
  const double x = reduced - rest;
  const double t = x * x;
  const double c = x - t * (1.66666666666666019037e-1 + t * (-2.77777777770155933842e-3 + t * (6.61375632143793436117e-5 + t * (-1.65339022054652515390e-6 + t * 4.13813679705723846039e-8))));
  return scale(1 - (rest - (x * c) / (2 - c) - reduced), k + shift);
}

/** e to the power of x. */
inline double exp(double x) {
  if (x != x) return x;
  if (x > expLargest) return infinity;
  if (x < expSmallest) return 0;
  return expOfSum(x, 0, 0);
}

/** e to the power of x, less one, accurate near 0. */
inline double expm1(double x) {
  if (x != x) return x;
  if (x > expLargest) return infinity;
  if (x < -38.8162421113569373274) return -1;
  const double magnitude = x < 0 ? -x : x;
  if (magnitude < 5.551115123125783e-17) return x;
  if (magnitude <= 0.34657359027997264311) return expm1Near0(x);
  const double k = floorOf(x * inverseLn2 + 0.5);
  const double high = x - k * ln2High;
  const double low = k * ln2Low;
  const double reduced = high - low;
  return expm1Shifted(reduced, high - reduced - low, k);
}

/** The correction e of expm1 for a reduced argument: expm1(x) = x - (x e - x^2 / 2). */
inline double expm1Correction(double x) {
  const double half = 0.5 * x;
  const double square = x * half;
  const double r = 1 + square * (-3.33333333333331316428e-2 + square * (1.58730158725481460165e-3 + square * (-7.93650757867487942473e-5 + square * (4.00821782732936239552e-6 + square * -2.01099218183624371326e-7))));
  const double t = 3 - r * half;
  return square * ((r - t) / (6 - x * t));
}

inline double expm1Near0(double x) {
  return x - (x * expm1Correction(x) - x * (0.5 * x));
}

/** expm1 of k ln 2 + x + c, for k not 0. */
inline double expm1Shifted(double x, double c, double k) {
  const double e = x * (expm1Correction(x) - c) - c - x * (0.5 * x);
  if (k == -1) return 0.5 * (x - e) - 0.5;
  if (k == 1) return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e);
  if (k <= -2 || k > 56) return scale(1 - (e - x), k) - 1;
  if (k < 20) return scale(1 - twoTo(-k) - (e - x), k);
  return scale(x - (e + twoTo(-k)) + 1, k);
}

}  // namespace exponential_family

inline namespace logarithm_family {

inline double log1pOf(double f, double c, double k);
/** log, log1p, log2, log10. Reduction to [sqrt(1/2), sqrt(2)), then log m = 2 atanh((m - 1) / (m + 1)) (coefficients: Sun fdlibm). */

inline constexpr double ln2High = 6.93147180369123816490e-1;
inline constexpr double ln2Low = 1.90821492927058770002e-10;

/** The tail of the series: R of log(1 + f) = f - f^2/2 + s (f^2/2 + R), with s = f / (2 + f). */
inline double seriesTail(double s) {
  const double z = s * s;
  const double w = z * z;
  const double odd = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const double even = z * (6.666666666666735130e-1 + w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  return odd + even;
}

/** The natural logarithm. */
inline double log(double x) {
  if (x != x || x == infinity) return x;
  if (x < 0) return notANumber;
  if (x == 0) return -infinity;
  const double f = splitNear1(x) - 1;
  const double k = scratch.second;
  const double half = 0.5 * f * f;
  const double s = f / (2 + f);
  return k * ln2High - (half - (s * (half + seriesTail(s)) + k * ln2Low) - f);
}

/** The natural logarithm of 1 + x, accurate near 0. */
inline double log1p(double x) {
  if (x != x || x == infinity) return x;
  if (x < -1) return notANumber;
  if (x == -1) return -infinity;
  const double magnitude = x < 0 ? -x : x;
  if (magnitude < 1.1102230246251565e-16) return x;
  if (x > -0.29289321881345254 && x < 0.41421356237309515) return log1pOf(x, 0, 0);
  const double u = 1 + x;
  const double lost = u >= 2 ? 1 - (u - x) : x - (u - 1);
  const double f = splitNear1(u) - 1;
  const double k = scratch.second;
  return log1pOf(f, k < 54 ? lost / u : 0, k);
}

/** k ln 2 + log(1 + f) + c. */
inline double log1pOf(double f, double c, double k) {
  const double half = 0.5 * f * f;
  const double s = f / (2 + f);
  return k * ln2High - (half - (s * (half + seriesTail(s)) + (k * ln2Low + c)) - f);
}

/**
 * The natural logarithm of m + low, for m in [sqrt(1/2), sqrt(2)) and a small low, to about 2^-68: the series of atanh, its
 * first two terms in double-double.
 */
inline double logNear1(double m, double low) {
  const double top = twoSum(m, -1);
  const double topLow = scratch.second + low;
  const double bottom = twoSum(m, 1);
  const double bottomLow = scratch.second + low;
  const double s = divide(top, topLow, bottom, bottomLow);
  const double sLow = scratch.second;
  const double z = multiply(s, sLow, s, sLow);
  const double zLow = scratch.second;
  const double tail = z * (1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0 + z * (1.0 / 15.0 + z * (1.0 / 17.0 + z * (1.0 / 19.0 + z * (1.0 / 21.0 + z * (1.0 / 23.0 + z * (1.0 / 25.0 + z * (1.0 / 27.0)))))))))));
  const double fifth = fastTwoSum(0.2, -1.1102230246251566e-17 + tail);
  const double fifthLow = scratch.second;
  const double inner = multiply(fifth, fifthLow, z, zLow);
  const double third = add(0.3333333333333333, 1.850371707708594e-17, inner, scratch.second);
  const double thirdLow = scratch.second;
  const double factor = multiply(third, thirdLow, z, zLow);
  const double curve = multiply(factor, scratch.second, s, sLow);
  const double sum = add(s, sLow, curve, scratch.second);
  scratch.second = 2 * scratch.second;
  return 2 * sum;
}

/** k times a constant plus log(m) times another, both in double-double, rounded once. */
inline double scaledLog(double x, const double (&perPower)[2], const double (&perLog)[2]) {
  const double m = splitNear1(x);
  const double k = scratch.second;
  const double high = logNear1(m, 0);
  const double scaled = multiply(high, scratch.second, perLog[0], perLog[1]);
  const double scaledLow = scratch.second;
  const double whole = multiply(k, 0, perPower[0], perPower[1]);
  const double sum = add(whole, scratch.second, scaled, scaledLow);
  return sum + scratch.second;
}

inline constexpr double one[2] = {1, 0};
inline constexpr double inverseLn2[2] = {1.4426950408889634, 2.0355273740931033e-17};
inline constexpr double log10Of2[2] = {0.3010299956639812, -2.8037281277851704e-18};
inline constexpr double inverseLn10[2] = {0.4342944819032518, 1.098319650216765e-17};

/** The logarithm to base 2; exact for powers of two. */
inline double log2(double x) {
  if (x != x || x == infinity) return x;
  if (x < 0) return notANumber;
  return x == 0 ? -infinity : scaledLog(x, one, inverseLn2);
}

/** The logarithm to base 10; exact for powers of ten that are exact. */
inline double log10(double x) {
  if (x != x || x == infinity) return x;
  if (x < 0) return notANumber;
  return x == 0 ? -infinity : scaledLog(x, log10Of2, inverseLn10);
}

}  // namespace logarithm_family

inline namespace power_family {

/** pow: exp(y log x), the logarithm in double-double so that a large exponent costs no accuracy. */

/** ln 2 in double-double. */
inline constexpr double ln2High = 0.6931471805599453;
inline constexpr double ln2Low = 2.3190468138462996e-17;

inline bool isOddInteger(double y) {
  const double magnitude = y < 0 ? -y : y;
  return magnitude < 9007199254740992 && magnitude - 2 * floorOf(magnitude / 2) == 1;
}

/** A size to the power of plus or minus infinity. */
inline double infinitePower(double magnitude, double y) {
  if (magnitude == 1) return notANumber;
  return (magnitude > 1) == (y > 0) ? infinity : 0;
}

/** A zero or an infinity to a finite power. */
inline double powerOfLimit(double x, double y) {
  const double result = (x == 0) == (y > 0) ? 0 : infinity;
  return isNegative(x) && isOddInteger(y) ? -result : result;
}

/** x to the power of y where that needs no arithmetic: false otherwise. As ECMA-262 `Number::exponentiate`. */
inline bool special(double x, double y, double* out) {
  const double magnitude = x < 0 ? -x : x;
  if (y == 0) {
    *out = 1;
  } else if (x != x || y != y) {
    *out = notANumber;
  } else if (y - y != 0) {
    *out = infinitePower(magnitude, y);
  } else if (magnitude == 0 || magnitude == infinity) {
    *out = powerOfLimit(x, y);
  } else {
    *out = notANumber;
    return x < 0 && floorOf(y) != y;
  }
  return true;
}

inline double powOf(double m, double k, double y);

/** x to the power of y. */
inline double pow(double x, double y) {
  double simple;
  if (special(x, y, &simple)) return simple;
  const double sign = x < 0 && isOddInteger(y) ? -1 : 1;
  const double m = splitNear1(x < 0 ? -x : x);
  const double k = scratch.second;
  if (m == 1 && k == 0) return sign;
  const double rough = (k + (m - 1)) * y;
  if (rough > 2200) return sign * infinity;
  if (rough < -2200) return sign * 0.0;
  return sign * powOf(m, k, y);
}

/** (m 2^k)^y, for a result that is not far out of range. */
inline double powOf(double m, double k, double y) {
  const double logHigh = logNear1(m, 0);
  const double logLow = scratch.second;
  const double whole = multiply(k, 0, ln2High, ln2Low);
  const double high = add(whole, scratch.second, logHigh, logLow);
  const double exponent = multiply(high, scratch.second, y, 0);
  if (exponent > 709.8) return infinity;
  if (exponent < -745.2) return 0;
  return expOfSum(exponent, scratch.second, 0);
}

}  // namespace power_family

inline namespace reduction {

/** 2/pi, 1280 bits after the point, most significant word first. */
inline constexpr std::uint32_t twoOverPi[40] = {
    0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u,
    0xb7246e3au, 0x424dd2e0u, 0x06492eeau, 0x09d1921cu, 0xfe1deb1cu, 0xb129a73eu, 0xe88235f5u, 0x2ebb4484u,
    0xe99c7026u, 0xb45f7e41u, 0x3991d639u, 0x835339f4u, 0x9c845f8bu, 0xbdf9283bu, 0x1ff897ffu, 0xde05980fu,
    0xef2f118bu, 0x5a0a6d1fu, 0x6d367ecfu, 0x27cb09b7u, 0x4f463f66u, 0x9e5fea2du, 0x7527bac7u, 0xebe5f17bu,
    0x3d0739f7u, 0x8a5292eau, 0x6bfb5fb1u, 0x1f8d5d08u, 0x56033046u, 0xfc7b6babu, 0xf0cfbc20u, 0x9af4361du,
};

/** Bits [shift, shift + 130) of the product of a 53-bit integer and 2/pi * 2^1280: three words of 64, low first. */
inline void productBits(std::uint64_t significand, int shift, std::uint64_t out[3]) {
  std::uint32_t product[43] = {};
  const std::uint64_t parts[2] = {significand & 0xffffffffu, significand >> 32};
  for (int part = 0; part < 2; part++) {
    std::uint64_t carry = 0;
    for (int i = 0; i < 40; i++) {
      const std::uint64_t sum = parts[part] * twoOverPi[39 - i] + product[i + part] + carry;
      product[i + part] = static_cast<std::uint32_t>(sum);
      carry = sum >> 32;
    }
    for (int i = 40 + part; carry != 0; i++) {
      const std::uint64_t sum = carry + product[i];
      product[i] = static_cast<std::uint32_t>(sum);
      carry = sum >> 32;
    }
  }
  const int word = shift / 32;
  const int bit = shift % 32;
  std::uint32_t window[6];
  for (int i = 0; i < 6; i++) {
    const std::uint32_t low = word + i < 43 ? product[word + i] : 0;
    const std::uint32_t high = word + i + 1 < 43 ? product[word + i + 1] : 0;
    window[i] = bit == 0 ? low : (low >> bit) | (high << (32 - bit));
  }
  out[0] = window[0] | (static_cast<std::uint64_t>(window[1]) << 32);
  out[1] = window[2] | (static_cast<std::uint64_t>(window[3]) << 32);
  out[2] = window[4] & 3u;
}

/** Payne and Hanek: the fraction of x 2/pi from an exact integer product. */
inline double reduceLarge(double x) {
  const double magnitude = x < 0 ? -x : x;
  const std::uint64_t significand = (bitsOf(magnitude) & 0xfffffffffffffu) | 0x10000000000000u;
  std::uint64_t bits[3];
  productBits(significand, 1280 - (exponentOf(magnitude) - 52) - 128, bits);
  unsigned __int128 fraction = (static_cast<unsigned __int128>(bits[1]) << 64) | bits[0];
  const bool below = (bits[1] >> 63) != 0;
  const int nearest = static_cast<int>(bits[2]) + (below ? 1 : 0);
  const unsigned __int128 size = below ? -fraction : fraction;
  const double first = static_cast<double>(static_cast<std::uint64_t>(size >> 85)) * 1.1368683772161603e-13;
  const double middle = static_cast<double>(static_cast<std::uint64_t>(size >> 42) & 0x7ffffffffffu) * 1.2924697071141057e-26;
  const double high = fastTwoSum(first, middle);
  const double low = scratch.second + static_cast<double>(static_cast<std::uint64_t>(size) & 0x3ffffffffffu) * 2.938735877055719e-39;
  const double turned = multiply(high, low, 1.5707963267948966, 6.123233995736766e-17);
  const bool negative = (x < 0) != below;
  const int n = nearest & 3;
  scratch.quadrant = x < 0 ? (4 - n) % 4 : n;
  scratch.second = negative ? -scratch.second : scratch.second;
  return negative ? -turned : turned;
}

/** Cody and Waite: pi/2 in three parts of 33 bits and a rest. */
inline double reduceSmall(double x) {
  const double n = floorOf(x * 6.36619772367581382433e-1 + 0.5);
  const double first = x - n * 1.57079632673412561417;
  const double product2 = n * 6.07710050630396597660e-11;
  const double after2 = first - product2;
  const double lost2 = first - after2 - product2;
  const double product3 = n * 2.02226624871116645580e-21;
  const double after3 = after2 - product3;
  const double lost3 = after2 - after3 - product3;
  scratch.quadrant = n - 4 * floorOf(n / 4);
  return fastTwoSum(after3, lost2 + lost3 - n * 8.47842766036889956997e-32);
}

inline double reduceAngle(double x) {
  const double magnitude = x < 0 ? -x : x;
  if (magnitude <= 0.7853981633974483) {
    scratch.quadrant = 0;
    scratch.second = 0;
    return x;
  }
  return magnitude < 1e5 ? reduceSmall(x) : reduceLarge(x);
}

}  // namespace reduction

inline namespace trig_family {

/** sin, cos, tan. Minimax polynomials on [-pi/4, pi/4] with the low part of the reduced angle (coefficients: Sun fdlibm). */

inline double sinKernel(double x, double low) {
  const double z = x * x;
  const double v = z * x;
  const double r = 8.33333333332248946124e-3 + z * (-1.98412698298579493134e-4 + z * (2.75573137070700676789e-6 + z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)));
  return x - (z * (0.5 * low - v * r) - low + v * 1.66666666666666324348e-1);
}

inline double cosKernel(double x, double low) {
  const double z = x * x;
  const double r = z * (4.16666666666666019037e-2 + z * (-1.38888888888741095749e-3 + z * (2.48015872894767294178e-5 + z * (-2.75573143513906633035e-7 + z * (2.08757232129817482790e-9 + z * -1.13596475577881948265e-11)))));
  const double half = 0.5 * z;
  const double w = 1 - half;
  return w + (1 - w - half + (z * r - x * low));
}

/** The odd polynomial of tan beyond its first two terms. */
inline double tanTail(double z) {
  const double w = z * z;
  const double even = 1.33333333333201242699e-1 + w * (2.18694882948595424599e-2 + w * (3.59207910759131235356e-3 + w * (5.88041240820264096874e-4 + w * (7.81794442939557092300e-5 + w * -1.85586374855275456654e-5))));
  const double odd = z * (5.39682539762260521377e-2 + w * (8.86323982359930005737e-3 + w * (1.45620945432529025516e-3 + w * (2.46463134818469906812e-4 + w * (7.14072491382608190305e-5 + w * 2.59073051863633712884e-5)))));
  return even + odd;
}

/** tan of x + low, or its negative reciprocal. */
inline double tanKernel(double x, double low, bool reciprocal) {
  const double sign = x < 0 ? -1 : 1;
  const bool big = sign * x >= 0.6744;
  const double angle = big ? 7.85398163397448278999e-1 - sign * x + (3.06161699786838301793e-17 - sign * low) : x;
  const double rest = big ? 0 : low;
  const double z = angle * angle;
  const double s = z * angle;
  const double r = rest + z * (s * tanTail(z) + rest) + s * 3.33333333333334091986e-1;
  const double w = angle + r;
  if (big) {
    const double unit = reciprocal ? -1 : 1;
    return sign * (unit - 2 * (angle + (r - (w * w) / (w + unit))));
  }
  if (!reciprocal) return w;
  const double head = clearLow(w);
  const double v = r - (head - angle);
  const double inverse = -1 / w;
  const double inverseHead = clearLow(inverse);
  return inverseHead + inverse * (1 + inverseHead * head + inverseHead * v);
}

/** The sine of an angle in radians. */
inline double sin(double x) {
  if (x - x != 0) return notANumber;
  if (x < 1.4901161193847656e-8 && x > -1.4901161193847656e-8) return x;
  const double y = reduceAngle(x);
  const double low = scratch.second;
  switch (static_cast<int>(scratch.quadrant)) {
    case 0:
      return sinKernel(y, low);
    case 1:
      return cosKernel(y, low);
    case 2:
      return -sinKernel(y, low);
    default:
      return -cosKernel(y, low);
  }
}

/** The cosine of an angle in radians. */
inline double cos(double x) {
  if (x - x != 0) return notANumber;
  const double y = reduceAngle(x);
  const double low = scratch.second;
  switch (static_cast<int>(scratch.quadrant)) {
    case 0:
      return cosKernel(y, low);
    case 1:
      return -sinKernel(y, low);
    case 2:
      return -cosKernel(y, low);
    default:
      return sinKernel(y, low);
  }
}

/** The tangent of an angle in radians. */
inline double tan(double x) {
  if (x - x != 0) return notANumber;
  if (x < 1.4901161193847656e-8 && x > -1.4901161193847656e-8) return x;
  const double y = reduceAngle(x);
  const double low = scratch.second;
  return tanKernel(y, low, scratch.quadrant == 1 || scratch.quadrant == 3);
}

}  // namespace trig_family

inline namespace inverse_family {

inline double atanOfLarge(double size);
inline double angleAtInfinity(double y, double x);
/** asin, acos, atan, atan2 (coefficients: Sun fdlibm). */

inline constexpr double halfPiHigh = 1.57079632679489655800;
inline constexpr double halfPiLow = 6.12323399573676603587e-17;
inline constexpr double quarterPiHigh = 7.85398163397448278999e-1;
inline constexpr double piHigh = 3.1415926535897931160;
inline constexpr double piLow = 1.2246467991473531772e-16;

/** (asin(x) - x) / x as a rational function of z = x^2, for |x| <= 1/2. */
inline double asinRatio(double z) {
  const double p = z * (1.66666666666666657415e-1 + z * (-3.25565818622400915405e-1 + z * (2.01212532134862925881e-1 + z * (-4.00555345006794114027e-2 + z * (7.91534994289814532176e-4 + z * 3.47933107596021167570e-5)))));
  const double q = 1 + z * (-2.40339491173441421878 + z * (2.02094576023350569471 + z * (-6.88283971605453293030e-1 + z * 7.70381505559019352791e-2)));
  return p / q;
}

/** The angle in [-pi/2, pi/2] with that sine. */
inline double asin(double x) {
  const double size = x < 0 ? -x : x;
  if (!(size <= 1)) return notANumber;
  if (size == 1) return x * halfPiHigh + x * halfPiLow;
  if (size < 0.5) return size < 1.4901161193847656e-8 ? x : x + x * asinRatio(x * x);
  const double z = (1 - size) * 0.5;
  const double s = __builtin_sqrt(z);
  const double ratio = asinRatio(z);
  if (size >= 0.975) {
    const double steep = halfPiHigh - (2 * (s + s * ratio) - halfPiLow);
    return x < 0 ? -steep : steep;
  }
  const double head = clearLow(s);
  const double correction = (z - head * head) / (s + head);
  const double p = 2 * s * ratio - (halfPiLow - 2 * correction);
  const double angle = quarterPiHigh - (p - (quarterPiHigh - 2 * head));
  return x < 0 ? -angle : angle;
}

/** The angle in [0, pi] with that cosine. */
inline double acos(double x) {
  const double size = x < 0 ? -x : x;
  if (!(size <= 1)) return notANumber;
  if (size == 1) return x > 0 ? 0 : 2 * halfPiHigh + 2 * halfPiLow;
  if (size < 0.5) return size < 6.938893903907228e-18 ? halfPiHigh + halfPiLow : halfPiHigh - (x - (halfPiLow - x * asinRatio(x * x)));
  const double z = (1 - size) * 0.5;
  const double s = __builtin_sqrt(z);
  const double ratio = asinRatio(z);
  if (x < 0) return 2 * (halfPiHigh - (s + (ratio * s - halfPiLow)));
  const double head = clearLow(s);
  const double correction = (z - head * head) / (s + head);
  return 2 * (head + (ratio * s + correction));
}

/** atan of an angle's tangent below 7/16 in size: x - x * series. */
inline double atanSeries(double x) {
  const double z = x * x;
  const double w = z * z;
  const double odd = z * (3.33333333333329318027e-1 + w * (1.42857142725034663711e-1 + w * (9.09088713343650656196e-2 + w * (6.66107313738753120669e-2 + w * (4.97687799461593236017e-2 + w * 1.62858201153657823623e-2)))));
  const double even = w * (-1.99999999998764832476e-1 + w * (-1.11111104054623557880e-1 + w * (-7.69187620504482999495e-2 + w * (-5.83357013379057348645e-2 + w * -3.65315727442169155270e-2))));
  return x * (odd + even);
}

inline double shifted(double x, double high, double low) {
  return high - (atanSeries(x) - low - x);
}

/** The angle in [-pi/2, pi/2] with that tangent. */
inline double atan(double x) {
  if (x != x) return x;
  const double size = x < 0 ? -x : x;
  if (size < 7.450580596923828e-9) return x;
  if (size < 0.4375) return x - atanSeries(x);
  const double angle = atanOfLarge(size);
  return x < 0 ? -angle : angle;
}

inline double atanOfLarge(double size) {
  if (size >= 7.378697629483821e19) return halfPiHigh + halfPiLow;
  if (size < 0.6875) return shifted((2 * size - 1) / (2 + size), 4.63647609000806093515e-1, 2.26987774529616870924e-17);
  if (size < 1.1875) return shifted((size - 1) / (size + 1), 7.85398163397448278999e-1, 3.06161699786838301793e-17);
  if (size < 2.4375) return shifted((size - 1.5) / (1 + 1.5 * size), 9.82793723247329054082e-1, 1.39033110312309984516e-17);
  return shifted(-1 / size, halfPiHigh, halfPiLow);
}

/** The angle of the point (x, y), in [-pi, pi]. */
inline double atan2(double y, double x) {
  if (x != x || y != y) return notANumber;
  const double up = isNegative(y) ? -1 : 1;
  if (y == 0) return isNegative(x) ? up * piHigh : y;
  if (x == 0) return up * halfPiHigh;
  if (x - x != 0 || y - y != 0) return up * angleAtInfinity(y, x);
  const double steep = atan((y < 0 ? -y : y) / (x < 0 ? -x : x));
  return up * (x > 0 ? steep : piHigh - (steep - piLow));
}

/** Size of the angle of a point of which a coordinate is infinite. */
inline double angleAtInfinity(double y, double x) {
  if (x - x == 0) return halfPiHigh;
  if (y - y == 0) return x > 0 ? 0 : piHigh;
  return x > 0 ? quarterPiHigh : 3 * quarterPiHigh;
}

}  // namespace inverse_family

inline namespace hyperbolic_family {

/** sinh, cosh, tanh and their inverses, from expm1, exp and double-double logarithms. */

inline constexpr double overflow = 710.4758600739439;

/** Hyperbolic sine. */
inline double sinh(double x) {
  const double size = x < 0 ? -x : x;
  if (!(size < overflow)) return size > overflow ? x * infinity : x;
  if (size < 3.725290298461914e-9) return x;
  if (size >= 22) return withSign(expOfSum(size, 0, -1), x);
  const double t = expm1(size);
  return withSign(size < 1 ? 0.5 * (2 * t - (t * t) / (t + 1)) : 0.5 * (t + t / (t + 1)), x);
}

/** Hyperbolic cosine. */
inline double cosh(double x) {
  const double size = x < 0 ? -x : x;
  if (!(size < overflow)) return size > overflow ? infinity : x;
  if (size >= 22) return expOfSum(size, 0, -1);
  if (size < 0.34657359027997264311) {
    const double t = expm1(size);
    return 1 + (t * t) / (2 * (1 + t));
  }
  const double t = exp(size);
  return 0.5 * t + 0.5 / t;
}

/** Hyperbolic tangent. */
inline double tanh(double x) {
  if (x != x) return x;
  const double size = x < 0 ? -x : x;
  if (size < 3.725290298461914e-9) return x;
  if (size > 22) return withSign(1, x);
  const double t = expm1(2 * size);
  return withSign(size >= 0.5493061443340549 ? 1 - 2 / (t + 2) : t / (t + 2), x);
}

/** log(high + low) for high >= 1, rounded once. */
inline double logOfSum(double high, double low) {
  const double m = splitNear1(high);
  const double k = scratch.second;
  const double value = logNear1(m, low == 0 ? 0 : (low / high) * m);
  const double valueLow = scratch.second;
  const double whole = multiply(k, 0, 0.6931471805599453, 2.3190468138462996e-17);
  return add(whole, scratch.second, value, valueLow) + scratch.second;
}

/** The number with that hyperbolic sine. */
inline double asinh(double x) {
  const double size = x < 0 ? -x : x;
  if (!(size < infinity) || size < 3.725290298461914e-9) return x;
  if (size > 268435456) return withSign(logOfSum(size, 0) + 0.6931471805599453, x);
  if (size < 0.125) {
    const double square = size * size;
    return withSign(log1p(size + square / (1 + __builtin_sqrt(1 + square))), x);
  }
  const double square = twoProduct(size, size);
  const double sum = add(square, scratch.second, 1, 0);
  const double root = squareRoot(sum, scratch.second);
  const double total = add(root, scratch.second, size, 0);
  return withSign(logOfSum(total, scratch.second), x);
}

/** The number of at least 0 with that hyperbolic cosine. */
inline double acosh(double x) {
  if (!(x >= 1)) return notANumber;
  if (x > 268435456) return x == infinity ? x : logOfSum(x, 0) + 0.6931471805599453;
  const double t = x - 1;
  if (t < 0.125) return log1p(t + __builtin_sqrt(2 * t + t * t));
  const double square = twoProduct(x, x);
  const double less = add(square, scratch.second, -1, 0);
  const double root = squareRoot(less, scratch.second);
  const double total = add(root, scratch.second, x, 0);
  return logOfSum(total, scratch.second);
}

/** The number with that hyperbolic tangent. */
inline double atanh(double x) {
  const double size = x < 0 ? -x : x;
  if (!(size <= 1)) return notANumber;
  if (size == 1) return x * infinity;
  if (size < 3.725290298461914e-9) return x;
  if (size < 0.25) return withSign(0.5 * log1p(2 * size + (2 * size * size) / (1 - size)), x);
  const double above = twoSum(1, size);
  const double aboveLow = scratch.second;
  const double below = twoSum(1, -size);
  const double ratio = divide(above, aboveLow, below, scratch.second);
  return withSign(0.5 * logOfSum(ratio, scratch.second), x);
}

}  // namespace hyperbolic_family

inline namespace roots_family {

/** cbrt and hypot. */

/** The cube root: Newton's method from a guess by exponent, the last step with an exact cube. */
inline double cbrt(double x) {
  if (x - x != 0 || x == 0) return x;
  const double size = x < 0 ? -x : x;
  if (size < 2.2250738585072014e-308) return cbrt(x * 18014398509481984) * 3.814697265625e-6;
  // The cube of its rounded root may be out of range.
  if (size > 1e308) return cbrt(x * 5.551115123125783e-17) * 262144;
  double root = cubeRootGuess(size);
  for (int round = 0; round < 4; round++) root = root - (root - size / (root * root)) * 0.3333333333333333;
  const double square = twoProduct(root, root);
  const double squareLow = scratch.second;
  const double cube = twoProduct(square, root);
  const double rest = size - cube - scratch.second - squareLow * root;
  root = root + rest / (3 * square);
  return x < 0 ? -root : root;
}

/** The square root of the sum of `count` squares, without overflow on the way. */
inline double hypot(const double* values, int count) {
  double largest = 0;
  bool nan = false;
  for (int i = 0; i < count; i++) {
    const double size = values[i] < 0 ? -values[i] : values[i];
    if (size == infinity) return infinity;
    if (size != size) nan = true;
    if (size > largest) largest = size;
  }
  if (nan) return notANumber;
  if (largest == 0) return 0;
  const int power = largest < 2.2250738585072014e-308 ? -1022 : exponentOf(largest);
  const int half = power >= 0 ? power / 2 : -((1 - power) / 2);
  const double down = twoTo(-half);
  const double rest = twoTo(half - power);
  double sum = 0;
  double low = 0;
  for (int i = 0; i < count; i++) {
    const double scaled = values[i] * down * rest;
    const double square = twoProduct(scaled, scaled);
    sum = add(sum, low, square, scratch.second);
    low = scratch.second;
  }
  const double root = __builtin_sqrt(sum);
  const double product = twoProduct(root, root);
  const double corrected = root + (sum - product - scratch.second + low) / (2 * root);
  return corrected * twoTo(half) * twoTo(power - half);
}

}  // namespace roots_family

}  // namespace metabonk::math
