{
  'targets': [
    {
      'target_name': 'metabonk',
      'sources': ['src/addon.cc', 'src/dense.cc', 'src/draw.cc', 'src/grid.cc', 'src/hash.cc', 'src/shared_memory.cc'],
      'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")"],
      'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS'],
      'cflags': ['-O3', '-ffp-contract=off', '-fno-fast-math', '-Wall', '-Wextra', '-Wno-psabi'],
      'cflags!': ['-O2'],
      'cflags_cc!': ['-std=gnu++17'],
      'cflags_cc': ['-std=c++20'],
      'xcode_settings': {
        'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
        'GCC_OPTIMIZATION_LEVEL': '3',
        'OTHER_CFLAGS': ['-ffp-contract=off', '-fno-fast-math'],
      },
      'conditions': [["OS=='linux'", { 'libraries': ['-lrt'] }]],
    },
  ],
}
