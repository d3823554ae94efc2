import { choice, int, real } from 'metabonk'

/** Settings of the arena. */
export const settings = {
  agents: int(16, { min: 1, max: 4096, about: 'heroes; roles are dealt in turn: scout, speedrunner, killer, tank' }),
  enemies: int(200, { min: 0, max: 100_000, about: 'most enemies alive at once' }),
  difficulty: real(1, { min: 0, max: 10, live: true, about: 'size of the waves; 0 lets no more enemies come' }),
  obs: choice(['vector', 'pixels', 'both'], { about: 'what heroes act from: a vector of nearby things, or the picture they see; with both, from the vector, while all they see is drawn for others' }),
  map: int(96, { min: 32, max: 1024, about: 'edge of the square map in metres; its borders are glued together' }),
}
