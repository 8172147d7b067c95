import { tableFunction } from './table/function';
import type { TestFunction } from './test-function';

/** Hartmann's weights, scales and centres in six dimensions (Dixon and Szegö, "Towards Global Optimisation 2", 1978). */
const alpha = [1, 1.2, 3, 3.2];
const scales = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const centres = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

export const functions: Readonly<Record<string, TestFunction>> = {
  branin: {
    ranges: [
      [-5, 10],
      [0, 15],
    ],
    least: 5 / (4 * Math.PI),
    evaluate([one = 0, other = 0]) {
      const parabola = other - (5.1 / (4 * Math.PI ** 2)) * one ** 2 + (5 / Math.PI) * one - 6;
      return parabola ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(one) + 10;
    },
  },
  hartmann6: {
    ranges: Array.from({ length: 6 }, () => [0, 1] as const),
    least: -3.322368011415515,
    evaluate: (x) =>
      -alpha.reduce((sum, weight, row) => {
        const away = x.reduce(
          (apart, value, at) => apart + (scales[row]?.[at] ?? 0) * (value - (centres[row]?.[at] ?? 0)) ** 2,
          0,
        );
        return sum + weight * Math.exp(-away);
      }, 0),
  },
  get animals10() {
    return tableFunction();
  },
};
