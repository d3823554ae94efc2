import { defineWorld, f64, kind, system } from '../../actors/index.ts'

const Counter = kind('counter', { columns: { count: f64 } })

/** One agent that counts its steps: what remains is the step itself. */
export const emptyWorld = defineWorld({
  name: 'empty',
  kinds: [Counter],
  init: ({ spawn }) => spawn(Counter, {}),
  systems: [
    system({
      name: 'count',
      kind: Counter,
      run: (rows) => {
        const { count } = rows.write
        for (let row = rows.begin; row < rows.end; row++) if (rows.alive[row] === 1) count[row] += 1
      },
    }),
  ],
})
