const folders = ['.ci', 'actors', 'bench', 'brain', 'compositor', 'docs', 'native', 'runtime', 'shell', 'tests']
const rootFiles = ['.gitignore', '.npmrc', 'CHANGELOG.md', 'LICENSE', 'README.md', 'package-lock.json', 'package.json', 'tsconfig.json']
const emptyWords = new Set(['manager', 'service', 'helper', 'util', 'utils', 'wrapper', 'impl', 'helpers', 'services', 'common', 'misc'])

/** Paths that do not belong where they are. */
export function misplaced(paths: readonly string[]): string[] {
  return paths
    .filter((path) => {
      const [top = '', ...rest] = path.split('/')
      return !(rest.length === 0 ? rootFiles : folders).includes(top)
    })
    .map((path) => `${path}: the root holds ${rootFiles.join(', ')} and the folders ${folders.join(', ')}; put it in the folder it is about`)
}

/** Files whose name says nothing about what is in them. */
export function emptyNames(paths: readonly string[]): string[] {
  return paths
    .filter((path) => {
      const name = path.slice(path.lastIndexOf('/') + 1).replace(/\..*$/, '')
      return name.split(/[-_]|(?<=[a-z])(?=[A-Z])/).some((word) => emptyWords.has(word.toLowerCase()))
    })
    .map((path) => `${path}: name the file after what is in it, in the terms of the field`)
}

/** Dependencies of a package.json whose version is not one exact version. */
export function loosePins(packageJson: string): string[] {
  const parsed = JSON.parse(packageJson) as Record<string, Record<string, string> | undefined>
  return ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'].flatMap((group) =>
    Object.entries(parsed[group] ?? {})
      .filter(([, version]) => !/^(npm:(@[\w-]+\/)?[\w-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `package.json ${group}.${name}: ${version} is not one exact version`),
  )
}
