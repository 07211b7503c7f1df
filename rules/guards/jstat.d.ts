/** Types of the functions used from jstat, which ships none. */
declare module 'jstat' {
  export const jStat: {
    median(values: number[]): number;
    /** From 1, ties share the mean of their ranks. */
    rank(values: number[]): number[];
    normal: {
      cdf(x: number, mean: number, deviation: number): number;
      inv(probability: number, mean: number, deviation: number): number;
    };
    beta: { inv(probability: number, alpha: number, beta: number): number };
    /** `marked` of `population` are drawn when `draws` are taken from it. */
    hypgeom: { pdf(drawn: number, population: number, marked: number, draws: number): number };
  };
}
