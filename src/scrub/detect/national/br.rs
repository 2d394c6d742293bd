//! Brazil: CPF (Receita Federal, two check digits modulo 11).

use super::{Plan, digit, weighted};
use crate::scrub::kind::Kind;

pub(super) const CPF: Plan =
    Plan { kind: Kind::BrCpf, written: &[(&[3, 3, 3, 2], b"..-")], bare: false, check: is_cpf };

fn is_cpf(digits: &[u8]) -> bool {
    let check = |weights: &[u32]| match weighted(digits, weights) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    digits.len() == 11
        && digits.iter().any(|own| Some(own) != digits.first())
        && check(&[10, 9, 8, 7, 6, 5, 4, 3, 2]) == digit(digits, 9)
        && check(&[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) == digit(digits, 10)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn br_cpf_numbers_are_found() {
        are_found(
            Kind::BrCpf,
            &[
                "529.982.247-25",
                "111.444.777-35",
                "262.849.877-49",
                "694.531.473-11",
                "799.650.752-04",
                "735.454.948-70",
                "083.136.783-05",
                "777.014.363-24",
                "495.788.568-06",
                "557.444.313-90",
                "518.233.749-30",
                "894.134.352-60",
                "408.240.084-21",
                "271.094.777-38",
                "520.471.167-83",
                "190.229.413-02",
                "186.999.386-16",
                "774.964.990-56",
                "913.341.232-41",
                "812.067.974-10",
                "034.471.349-09",
                "361.832.421-95",
                "024.994.717-00",
                "464.887.719-57",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_br_cpf_stays() {
        are_left(
            Kind::BrCpf,
            &[
                "111.111.111-11",
                "529.982.247-26",
                "000.000.000-00",
                "529.982.24-725",
                "529-982-247-25",
                "52998224725",
                "529.982.247.25",
                "1.529.982.247-25",
                "529.982.247-25-1",
                "999.999.999-99",
                "123.456.789-10",
                "529.982.247",
                "x529.982.247-25",
                "529.982.247-251",
                "529,982,247-25",
                "529 982 247-25",
                "222.222.222-22",
                "529.982.247-2a",
                "0529.982.247-25",
                "12.529.982.247-25",
            ],
        );
    }
}
