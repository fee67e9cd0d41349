/** The random streams of the generators: layer numbers of HG_RNG_GENERATE, with the ids that each stream is used
 *  with. They are part of the results: never renumber. */
#ifndef HG_GENERATE_GENERATE_STREAMS_H
#define HG_GENERATE_GENERATE_STREAMS_H

enum hg_generate_stream {
    HG_STREAM_PAIR = 0,      /**< (draw, block) */
    HG_STREAM_PERMUTE = 1,   /**< (round, half) */
    HG_STREAM_SURPLUS = 2,   /**< (pair, 0) */
    HG_STREAM_FEATURE = 3,   /**< (node, feature) */
    HG_STREAM_LABEL = 4,     /**< (node, 0) */
    HG_STREAM_DIRECTION = 5, /**< (class, feature) */
};

#endif
