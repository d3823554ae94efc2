import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { billboard, bodyAt, bodyWords, detailAt, detailWords, edgeMax, faceWords, meshAt, meshWords, none, numberAt, numberCount, planeWords, tagAt, tagWords, viewAt, viewWords } from '../../compositor/draw/layout.ts'

const header = readFileSync(fileURLToPath(new URL('../../native/src/draw.h', import.meta.url)), 'utf8')

/** Names and values of an enumeration of the header. */
function valuesOf(name: string): Record<string, number> {
  const [, body] = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(header) ?? []
  const values: Record<string, number> = {}
  let next = 0
  for (const part of body.split(',')) {
    const [, key, given] = /^\s*(\w+)(?:\s*=\s*(\d+))?\s*$/.exec(part) ?? []
    next = (given as string | undefined) === undefined ? next : Number(given)
    values[key] = next++
  }
  return values
}

function constant(name: string): number {
  return Number(new RegExp(`constexpr uint32_t ${name} = (\\w+);`).exec(header)?.[1])
}

it('the words of a job mean the same to the addon and to the twin', () => {
  expect(valuesOf('Number')).toEqual({ ...numberAt, numberCount })
  expect(valuesOf('MeshWord')).toEqual({ ...meshAt, meshSpare: 4 })
  expect(valuesOf('BodyWord')).toEqual(bodyAt)
  expect(valuesOf('TagWord')).toEqual({ tagMesh: tagAt.mesh, tagColour: tagAt.colour, tagSegmentation: tagAt.segmentation })
  expect(valuesOf('Billboard')).toEqual({ standing: billboard.none, upright: billboard.upright, facing: billboard.facing })
  expect(valuesOf('DetailWord')).toEqual({ detailHeight: detailAt.height, detailError: detailAt.error, detailReach: detailAt.reach, detailRadius: detailAt.radius })
  expect(valuesOf('ViewWord')).toEqual(viewAt)
  const constants = { meshWords, faceWords, none, planeWords, bodyWords, tagWords, viewWords, edgeMax, detailWords }
  expect(Object.fromEntries(Object.keys(constants).map((name) => [name, constant(name)]))).toEqual(constants)
})
