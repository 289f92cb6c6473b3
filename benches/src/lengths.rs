//! The names of the steps of each length, written out once.
//!
//! Code for 3, 10 and 50 steps is the same code over a longer list. A macro that writes it is handed
//! the list: for each step `(position, step, compensation, previous)`. The name of a step is also
//! that of the variable with its output; the one before the first is the input.

/// Calls the macro of this name once for each length, with the name of the length, the number of
/// steps, and the steps.
macro_rules! each_length {
    ($make:ident) => {
        $make! { three 3
            (0 s0 u0 input) (1 s1 u1 s0) (2 s2 u2 s1)
        }
        $make! { ten 10
            (0 s0 u0 input) (1 s1 u1 s0) (2 s2 u2 s1) (3 s3 u3 s2)
            (4 s4 u4 s3) (5 s5 u5 s4) (6 s6 u6 s5) (7 s7 u7 s6)
            (8 s8 u8 s7) (9 s9 u9 s8)
        }
        $make! { fifty 50
            (0 s0 u0 input) (1 s1 u1 s0) (2 s2 u2 s1) (3 s3 u3 s2)
            (4 s4 u4 s3) (5 s5 u5 s4) (6 s6 u6 s5) (7 s7 u7 s6)
            (8 s8 u8 s7) (9 s9 u9 s8) (10 s10 u10 s9) (11 s11 u11 s10)
            (12 s12 u12 s11) (13 s13 u13 s12) (14 s14 u14 s13) (15 s15 u15 s14)
            (16 s16 u16 s15) (17 s17 u17 s16) (18 s18 u18 s17) (19 s19 u19 s18)
            (20 s20 u20 s19) (21 s21 u21 s20) (22 s22 u22 s21) (23 s23 u23 s22)
            (24 s24 u24 s23) (25 s25 u25 s24) (26 s26 u26 s25) (27 s27 u27 s26)
            (28 s28 u28 s27) (29 s29 u29 s28) (30 s30 u30 s29) (31 s31 u31 s30)
            (32 s32 u32 s31) (33 s33 u33 s32) (34 s34 u34 s33) (35 s35 u35 s34)
            (36 s36 u36 s35) (37 s37 u37 s36) (38 s38 u38 s37) (39 s39 u39 s38)
            (40 s40 u40 s39) (41 s41 u41 s40) (42 s42 u42 s41) (43 s43 u43 s42)
            (44 s44 u44 s43) (45 s45 u45 s44) (46 s46 u46 s45) (47 s47 u47 s46)
            (48 s48 u48 s47) (49 s49 u49 s48)
        }
    };
}

pub(crate) use each_length;
